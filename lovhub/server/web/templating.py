"""How templates are compiled and spoken: what a list asks for in each of its rows is called as Python calls it.

Jinja asks of everything that is called whether it wants the context, which takes longer than most of what is called
here, and flask-babel looks up the language for every text. Of a list's page that was half.
"""

from collections.abc import Callable
from functools import lru_cache
from keyword import iskeyword
from typing import Any, cast

from flask import Flask
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup

from lovhub.server.web import language, navigation


class PlainCalls(CodeGenerator):
    """Jinja's, but for calls of macros and of our own plain functions, which are made without asking what they are.

    A macro is known by its name: one that the template defines or imports. Nothing else of that name is ever
    called in the same template.
    """

    plain = frozenset({"may", "url_for"})
    """Functions in the environment that take neither context nor environment."""
    of_markup = frozenset({"_", "icon"})
    """As `plain`; what they answer is Markup, and needs no escaping."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._macros: set[str] = set()

    def visit_FromImport(self, node: nodes.FromImport, frame: Frame) -> None:  # noqa: N802
        """Remember what is imported: templates export nothing but macros."""
        self._macros.update(name if isinstance(name, str) else name[1] for name in node.names)
        super().visit_FromImport(node, frame)

    def visit_Macro(self, node: nodes.Macro, frame: Frame) -> None:  # noqa: N802
        """Remember what is defined."""
        self._macros.add(node.name)
        super().visit_Macro(node, frame)

    def visit_Call(  # noqa: N802
        self,
        node: nodes.Call,
        frame: Frame,
        forward_caller: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        """Call at once what may be."""
        called = _name(node)
        is_macro = called in self._macros
        simple = not (
            node.dyn_args or node.dyn_kwargs or any(iskeyword(one.key) for one in node.kwargs)
        )
        if not (simple and (is_macro or called in self.plain | self.of_markup)):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        if is_macro:
            self.write("context.eval_ctx, ")
        for argument in (*node.args, *node.kwargs):
            self.visit(argument, frame)
            self.write(", ")
        if forward_caller:
            self.write("caller=caller")
        self.write(")")

    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        if finalize.src is None and frame.eval_ctx.autoescape and self._is_markup(node):
            self.write("(")
        else:
            super()._output_child_pre(node, frame, finalize)

    def _is_markup(self, node: nodes.Expr) -> bool:
        return _name(node) in self.of_markup or _name(node) in self._macros


def _name(node: nodes.Expr) -> str:
    """Of what is called; "" for anything else."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
        return str(node.node.name)
    return ""


def install(app: Flask) -> None:
    """Compile templates so, and give them what they ask for most; they ask for addresses already."""
    app.jinja_env.code_generator_class = PlainCalls
    app.jinja_env.globals.update(
        {
            "_": language.text,
            "icon": _icons(cast("Callable[..., str]", app.jinja_env.globals["url_for"])),
            "may": navigation.may,
        }
    )


def _icons(url_for: Callable[..., str]) -> Callable[..., Markup]:
    @lru_cache(1024)
    def drawn(pictures: str, name: str, extra: str) -> Markup:
        return Markup(
            '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>'
        ).format(extra, pictures, name)

    def icon(name: str, extra: str = "") -> Markup:
        """A picture of `frontend/icons.txt` by its name; `extra` are more classes."""
        return drawn(url_for("static", filename="vendor/icons.svg"), name, extra)

    return icon
