"""What templates call, as far as it is known before a page is asked for (`compiling.py`)."""

from collections.abc import Iterable
from typing import Any

from jinja2 import nodes

from lovhub.server.staff.rights import RIGHTS

_ASKED_ONCE = {
    "_": "said, patterns = spoken()",
    "may": "held = held_rights()",
    "url_for": "mounted = mounted_at()",
    "icon": "mounted = mounted_at()",
}
"""Function that templates call → what their code says once, before its calls."""


def asked_once(body: Iterable[nodes.Node]) -> list[str]:
    """What this part of a template wants to know: its macros and blocks ask for themselves."""
    asked: set[str] = set()
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, nodes.Macro | nodes.Block):
            continue
        if name := name_of(node):
            asked.add(name)
        waiting += node.iter_child_nodes()
    return sorted({line for name, line in _ASKED_ONCE.items() if name in asked})


def name_of(node: nodes.Node) -> str:
    """Of what is called; "" for anything else."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
        return str(node.node.name)
    return ""


def known_values(node: nodes.Call) -> list[Any]:
    """The values without a name with which it is called, if all are known now; else none."""
    known = [one.value for one in node.args if isinstance(one, nodes.Const)]
    return known if len(known) == len(node.args) and not node.dyn_args else []


def is_text(node: nodes.Call) -> bool:
    """Whether its words are known: all that templates say."""
    return len(known_values(node)) == 1


def is_right(node: nodes.Call) -> bool:
    """Whether it asks for a right that there is."""
    return len(known_values(node)) == 1 and known_values(node)[0] in RIGHTS and not node.kwargs


def is_picture(node: nodes.Call) -> bool:
    """Whether it is a picture whose name is known."""
    known = name_of(node) == "icon" and known_values(node)
    return bool(known) and not (node.kwargs or node.dyn_kwargs)
