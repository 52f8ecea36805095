"""Valve's text format: `"key" "value"` and `"key" { … }`, as in `libraryfolders.vdf` and `appmanifest_730.acf`."""

import re
from collections.abc import Mapping

Node = dict[str, "str | Node"]

DEEPEST = 32

_TOKEN = re.compile(
    r'(?:\s++|//[^\n]*+|\[[^\]\n]*+\])*+(?:"((?:[^"\\]|\\.)*+)"|([{}])|([^\s{}"\[]++)|\Z)',
    re.DOTALL,
)
"""Spaces, comments and conditions such as `[$WIN32]` are passed over. Nothing is tried twice, whatever the text."""

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t"}


class Malformed(ValueError):
    """The text is none of this format."""


def parse(text: str) -> Node:
    """The whole text as one node; keys in lower case, as Steam does not tell them apart. Raises Malformed."""
    root: Node = {}
    path = [root]
    key: str | None = None
    place = 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            raise Malformed(f"no token at {place}")
        place = token.end()
        quoted, brace, plain = token.groups()
        if brace == "{":
            if key is None or len(path) > DEEPEST:
                raise Malformed(f"a node without a name, or too deep, at {place}")
            node: Node = {}
            path[-1][key] = node
            path.append(node)
            key = None
        elif brace == "}":
            if key is not None or len(path) == 1:
                raise Malformed(f"an end too many at {place}")
            path.pop()
        elif quoted is not None or plain is not None:
            word = _unescaped(quoted) if quoted is not None else plain
            if key is None:
                key = word.lower()
            else:
                path[-1][key] = word
                key = None
    if key is not None or len(path) > 1:
        raise Malformed("it breaks off")
    return root


def text_at(node: Mapping[str, "str | Node"], key: str) -> str:
    """The value of this key; "" where there is none, or a node."""
    found = node.get(key)
    return found if isinstance(found, str) else ""


def node_at(node: Mapping[str, "str | Node"], key: str) -> Node:
    """The node of this key; an empty one where there is none, or a value."""
    found = node.get(key)
    return found if isinstance(found, dict) else {}


def _unescaped(quoted: str) -> str:
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), quoted)
