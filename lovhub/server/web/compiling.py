"""Jinja's compiler, but for what a list asks for in each of its rows: see templating.py.

What it writes looks like this (Jinja would write the second):

    (inner(t_1) if type(t_1 := l_1_row.name) is str else shown(t_1)), said['Логин']
    escape(environment.getattr(l_1_row, 'name')), escape(context.call(l_0__, 'Логин'))

Before the first row stands what is the same in all of them: texts and pictures with the HTML around them, and what
is looked up in the context.

A template whose values are not escaped is none of ours, and compiled as Jinja does it.
"""

from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import groupby
from keyword import iskeyword
from typing import Any, NamedTuple, cast

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame, MacroRef
from jinja2.idtracking import VAR_LOAD_ALIAS, VAR_LOAD_RESOLVE
from markupsafe import escape
from werkzeug.routing import BuildError, MapAdapter

from lovhub.server.web.called import (
    asked_once,
    is_picture,
    is_right,
    is_text,
    known_values,
    name_of,
)
from lovhub.server.web.told import PREFIX

_BEFORE = (
    "from lovhub.server.web.told import "
    "callee, directly, held_rights, inner, mounted_at, shown, spoken"
)

_PLACES = tuple(7_100_000_000_000_000 + number for number in range(9))
"""Numbers that stand in an address for what is put there: nothing else has so many digits."""


class _Mounted(NamedTuple):
    """A part of what is written: where the site begins."""


class _Made(NamedTuple):
    """What is written was put together before the first row, under this name."""

    name: str


_Part = str | nodes.Expr | _Mounted | _Made


class _Pieces(NamedTuple):
    """An address: what stands around its values, and those."""

    around: list[str]
    values: list[nodes.Expr]


class PlainCalls(CodeGenerator):
    """Jinja's, with plain calls.

    A macro is known by its name: one that the template defines or imports. Nothing else of that name, or of the
    functions' names, is ever called in the same template.
    """

    plain = frozenset({"csrf_token", "may", "url_for"})
    """Functions in the environment that take neither context nor environment."""
    of_markup = frozenset({"_", "icon"})
    """As `plain`; what they answer is Markup, and needs no escaping."""

    def __init__(self, environment: Any, *args: Any, **options: Any) -> None:
        super().__init__(environment, *args, **options)
        # Known by the time that the first template is compiled; the server's name is no part of an address.
        self._addresses: MapAdapter = environment.app.url_map.bind("")
        self._macros: set[str] = set()
        self._asked: list[list[str]] = []
        self._in_macro: list[str] = []
        self._written: nodes.Node | None = None
        self._before_rows: dict[str, str] | None = None
        """In a loop: what is found out before its first row → the name that it has."""

    # What is asked once.

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        """The names first that all code below uses."""
        self.writeline(_BEFORE)
        self._asked = [
            asked_once(node.body),
            *(asked_once(block.body) for block in node.find_all(nodes.Block)),
        ]
        super().visit_Template(node, frame)

    def write_commons(self) -> None:
        """At the beginning of a template, and of each of its blocks."""
        super().write_commons()
        for line in self._asked.pop(0):
            self.writeline(line)

    def enter_frame(self, frame: Frame) -> None:
        """At the beginning of a macro: it may have been made for somebody else's request."""
        for target, (action, name) in list(frame.symbols.loads.items()):
            if name in self.plain | self.of_markup:
                del frame.symbols.loads[target]
            elif (
                self._before_rows is not None
                and action == VAR_LOAD_RESOLVE
                and self.get_resolve_func() == "resolve"
            ):
                found = self._found_before(f"resolve({name!r})")
                frame.symbols.loads[target] = (VAR_LOAD_ALIAS, found)
        super().enter_frame(frame)
        lines, self._in_macro = self._in_macro, []
        for line in lines:
            self.writeline(line)

    def visit_Name(self, node: nodes.Name, frame: Frame) -> None:  # noqa: N802
        """Ours stand in the environment, and are looked for nowhere else."""
        if node.name in self.plain | self.of_markup:
            self.write(f"environment.globals[{node.name!r}]")
        else:
            super().visit_Name(node, frame)

    # Macros.

    def visit_FromImport(self, node: nodes.FromImport, frame: Frame) -> None:  # noqa: N802
        """Remember what is imported: templates export nothing but macros."""
        self._macros.update(name if isinstance(name, str) else name[1] for name in node.names)
        super().visit_FromImport(node, frame)

    def visit_Macro(self, node: nodes.Macro, frame: Frame) -> None:  # noqa: N802
        """Remember what is defined."""
        self._macros.add(node.name)
        self._in_macro = asked_once(node.iter_child_nodes())
        outside, self._before_rows = self._before_rows, None
        super().visit_Macro(node, frame)
        self._before_rows = outside

    def macro_def(self, macro_ref: MacroRef, frame: Frame) -> None:
        """A macro that can be called directly."""
        self.write("directly(")
        super().macro_def(macro_ref, frame)
        self.write(")")

    # Calls.

    def visit_Call(  # noqa: N802
        self,
        node: nodes.Call,
        frame: Frame,
        forward_caller: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        """Call at once what may be, and write down what is known already."""
        called = name_of(node)
        is_simple = not (
            node.dyn_args or node.dyn_kwargs or any(iskeyword(one.key) for one in node.kwargs)
        )
        if called in self._macros and is_simple:
            self._call_macro(node, frame, forward_caller=forward_caller)
        elif called == "_" and is_simple and is_text(node):
            self._say(node, frame)
        elif called == "may" and is_simple and is_right(node):
            self.write(f"({known_values(node)[0]!r} in held)")
        elif called == "url_for" and (pieces := self._pieces(node)) is not None:
            self._address(node, pieces, frame)
        elif called in self.plain | self.of_markup and is_simple:
            self.visit(node.node, frame)
            self._values(node, frame)
        elif is_simple and not forward_caller:
            self.write("callee(context, ")
            self.visit(node.node, frame)
            # As Jinja writes it: for functions that want the context, and those only.
            self.write(", _loop_vars=_loop_vars" if frame.loop_frame else "")
            self.write(", _block_vars=_block_vars)" if frame.block_frame else ")")
            self._values(node, frame)
        else:
            super().visit_Call(node, frame, forward_caller=forward_caller)

    def _values(self, node: nodes.Call, frame: Frame) -> None:
        self.write("(")
        for argument in (*node.args, *node.kwargs):
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

    def _call_macro(self, node: nodes.Call, frame: Frame, *, forward_caller: bool) -> None:
        is_written = node is self._written
        if not (is_written or forward_caller):
            self.write("Markup(")
        self.visit(node.node, frame)
        if forward_caller:
            self.write("(context.eval_ctx, ")
        else:
            self.write(".direct(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        for named in node.kwargs:
            self.write(f"{named.key}=" if forward_caller else f"{PREFIX}{named.key}=")
            self.visit(named.value, frame)
            self.write(", ")
        self.write("caller=caller)" if forward_caller else ")")
        if not (is_written or forward_caller):
            self.write(")")

    def _say(self, node: nodes.Call, frame: Frame) -> None:
        (text,) = known_values(node)
        if not node.kwargs:
            self.write(f"said[{text!r}]")
            return
        is_written = node is self._written
        self.write(f"{'' if is_written else 'Markup'}((patterns[{text!r}] % {{")
        for named in node.kwargs:
            self.write(f"{named.key!r}: ")
            self._show(named.value, frame)
            self.write(", ")
        self.write("}))")

    # Addresses.

    def _pieces(self, node: nodes.Call) -> _Pieces | None:
        """The address as it is known now; None if it is known only when it is asked for."""
        if node.dyn_args or node.dyn_kwargs or len(node.args) != 1:
            return None
        endpoint = node.args[0]
        if not isinstance(endpoint, nodes.Const) or endpoint.value[:1] == ".":
            return None
        values: dict[str, int | str] = {}
        put: list[nodes.Expr] = []
        for named in node.kwargs:
            if named.key.startswith("_"):
                return None
            if not isinstance(named.value, nodes.Const):
                values[named.key] = _PLACES[len(put)]
                put.append(named.value)
            elif type(named.value.value) in {int, str}:
                values[named.key] = named.value.value
            else:
                return None
        try:
            address = self._addresses.build(endpoint.value, values)
        except BuildError:
            return None
        return _split(address, put)

    def _address(
        self, node: nodes.Call, pieces: _Pieces, frame: Frame, *, is_shown: bool = False
    ) -> None:
        """Whole numbers are put in; for anything else the address is asked for. `is_shown`: as it stands in a page."""
        if not pieces.values:
            self.write(f"(mounted + {pieces.around[0]!r})")
            return
        found = {id(value): self.temporary_identifier() for value in pieces.values}
        around = [str(escape(piece)) for piece in pieces.around] if is_shown else pieces.around
        mounted = "inner(mounted)" if is_shown else "mounted"
        self.write(f"(f'{{{mounted}}}'")
        for piece, name in zip(around, found.values(), strict=False):
            self.write(f" {piece!r} f'{{{name}}}'")
        self.write(f" {around[-1]!r} if ")
        for number, value in enumerate(pieces.values):
            self.write(f"{' & ' if number else ''}(type({found[id(value)]} := ")
            self.visit(value, frame)
            self.write(") is int)")
        self.write(" else shown(" if is_shown else " else ")
        self.visit(node.node, frame)
        self.write("(")
        self.visit(node.args[0], frame)
        self.write(", **{")
        for named in node.kwargs:
            self.write(f"{named.key!r}: ")
            if id(named.value) in found:
                self.write(found[id(named.value)])
            else:
                self.visit(named.value, frame)
            self.write(", ")
        self.write("})))" if is_shown else "}))")

    def _whole_address(self, node: nodes.Call) -> str:
        """The address, if all of it is known now; else ""."""
        pieces = self._pieces(node) if name_of(node) == "url_for" else None
        return "" if pieces is None or pieces.values else pieces.around[0]

    # What is written into the page.

    def visit_For(self, node: nodes.For, frame: Frame) -> None:  # noqa: N802
        """What is the same in all rows first; then the rows."""
        if node.recursive or self._before_rows is not None:
            self._rows(node, frame)
            return
        place = f"{self.temporary_identifier()}_before_rows"
        self.writeline(place)
        self._before_rows = {}
        self._rows(node, frame)
        found = [f"{name} = {code}" for code, name in self._before_rows.items()]
        self._before_rows = None
        # In the same line: others keep their numbers, which errors are told by.
        stream = cast("StringIO", self.stream)
        written = stream.getvalue().replace(place, "; ".join(found) or "pass", 1)
        stream.seek(0)
        stream.truncate()
        stream.write(written)

    def _found_before(self, code: str) -> str:
        """The name of what this code finds out before the first row."""
        if self._before_rows is None:
            raise RuntimeError("not in a loop")
        return self._before_rows.setdefault(code, self.temporary_identifier())

    def _rows(self, node: nodes.For, frame: Frame) -> None:
        """All at once, for the same reason as `visit_Output`."""
        if frame.buffer is not None or node.recursive:
            super().visit_For(node, frame)
            return
        rows = frame.copy()
        self.buffer(rows)
        super().visit_For(node, rows)
        self.writeline(f"yield concat({rows.buffer})")

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:  # noqa: N802
        """All parts at once: each that is given out alone goes through every template that includes this one."""
        is_ours = frame.eval_ctx.autoescape and not frame.eval_ctx.volatile
        if not is_ours or self.environment.finalize or frame.require_output_check:
            super().visit_Output(node, frame)
            return
        parts = _joined(part for one in node.nodes for part in self._parts(one, frame))
        if self._before_rows is not None:
            parts = list(self._same_made_before(parts))
        if frame.buffer is not None:
            self.writeline(f"{frame.buffer}.extend((", node)
        else:
            self.writeline("yield concat((" if len(parts) > 1 else "yield (", node)
        self.indent()
        for part in parts:
            if isinstance(part, str):
                self.writeline(repr(part))
            elif isinstance(part, _Made):
                self.writeline(part.name)
            elif isinstance(part, _Mounted):
                self.writeline("inner(mounted)")
            else:
                self.newline(part)
                self._show(part, frame)
            if frame.buffer is not None or len(parts) > 1:
                self.write(",")
        self.outdent()
        self.writeline("))" if frame.buffer is not None or len(parts) > 1 else ")")

    def _same_made_before(self, parts: Iterable[_Part]) -> Iterator[_Part]:
        """The parts, with those side by side that are the same in all rows as one."""
        for is_same, group in groupby(parts, lambda part: _same_in_all_rows(part) != ""):
            together = list(group)
            if not is_same or all(isinstance(part, str) for part in together):
                yield from together
            else:
                codes = ", ".join(map(_same_in_all_rows, together))
                yield _Made(self._found_before(f"concat(({codes},))"))

    def _parts(self, node: nodes.Expr, frame: Frame) -> Iterator[_Part]:
        """What stands there, in parts of which as many as possible are known."""
        try:
            yield str(escape(node.as_const(frame.eval_ctx)))
        except Exception:  # noqa: BLE001  # an error is said when the page is asked for, as Jinja does
            if isinstance(node, nodes.Call) and is_picture(node):
                picture, *extra = map(escape, known_values(node))
                icons = self._addresses.build("static", {"filename": "vendor/icons.svg"})
                yield f'<svg class="icon {"".join(extra)}" aria-hidden="true"><use href="'
                yield _Mounted()
                yield f'{escape(icons)}#{picture}"></use></svg>'
            elif isinstance(node, nodes.Call) and (address := self._whole_address(node)):
                yield _Mounted()
                yield str(escape(address))
            else:
                yield node

    def _show(self, node: nodes.Expr, frame: Frame) -> None:
        """What it is, escaped if it must be."""
        if isinstance(node, nodes.Const):
            self.write(repr(str(escape(node.value))))
            return
        if isinstance(node, nodes.CondExpr):
            self._show_either(node, frame)
            return
        self._written = node
        name = name_of(node)
        if name in self.of_markup or name in self._macros:
            self.visit(node, frame)
            return
        if (
            isinstance(node, nodes.Call)
            and name == "url_for"
            and (pieces := self._pieces(node)) is not None
            and pieces.values
        ):
            self._address(node, pieces, frame, is_shown=True)
            return
        found = self.temporary_identifier()
        self.write(f"(inner({found}) if type({found} := ")
        self.visit(node, frame)
        self.write(f") is str else f'{{{found}}}' if type({found}) is int else shown({found}))")

    def _show_either(self, node: nodes.CondExpr, frame: Frame) -> None:
        """One or the other; nothing where no other is named, for which Jinja would make an object each time."""
        self.write("(")
        self._show(node.expr1, frame)
        self.write(" if ")
        self.visit(node.test, frame)
        self.write(" else ")
        self._show(node.expr2 or nodes.Const(""), frame)
        self.write(")")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802
        """What nearly always is an attribute; the rest as Jinja finds it."""
        found = self.temporary_identifier()
        self.write(f"({found} if ({found} := getattr(")
        if isinstance(node.node, nodes.Name):
            owner = ""
        else:
            owner = self.temporary_identifier()
            self.write(f"{owner} := ")
        self.visit(node.node, frame)
        self.write(f", {node.attr!r}, missing)) is not missing else environment.getattr(")
        if owner:
            self.write(owner)
        else:
            self.visit(node.node, frame)
        self.write(f", {node.attr!r}))")


def _split(address: str, values: list[nodes.Expr]) -> _Pieces | None:
    """The address around its values, in the order in which they stand there."""
    order = sorted(range(len(values)), key=lambda number: address.find(str(_PLACES[number])))
    around = []
    for number in order:
        before, place, address = address.partition(str(_PLACES[number]))
        if not place:
            return None
        around.append(before)
    return _Pieces([*around, address], [values[number] for number in order])


def _same_in_all_rows(part: _Part) -> str:
    """The code of what is the same in all rows of a list; "" for what may not be."""
    if isinstance(part, str):
        return repr(part)
    if isinstance(part, _Mounted):
        return "inner(mounted)"
    if isinstance(part, nodes.Call) and name_of(part) == "_" and is_text(part):
        is_whole = not (part.kwargs or part.dyn_kwargs)
        return f"said[{known_values(part)[0]!r}]" if is_whole else ""
    return ""


def _joined(parts: Iterable[_Part]) -> list[_Part]:
    """The same with neighbours that are known made one."""
    joined: list[_Part] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined
