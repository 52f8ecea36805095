"""What the compiler of templates takes from Jinja and MarkupSafe beyond what they promise (`compiling.py`, `told.py`).

A new version of theirs may call it otherwise: then this says what, before a page does. See what that version does
instead, and whether what ours adds to it still fits.
"""

import inspect

import jinja2
import jinja2.runtime
import markupsafe
import pytest
from jinja2 import compiler


@pytest.mark.parametrize(
    ("owner", "names"),
    [
        (
            compiler.CodeGenerator,
            (
                "visit_Template write_commons enter_frame visit_Name visit_FromImport visit_Macro macro_def visit_Call"
                " visit_Output visit_Getattr temporary_identifier write writeline newline indent outdent"
            ),
        ),
        (
            compiler.Frame(compiler.EvalContext(jinja2.Environment(autoescape=True)), None),
            "eval_ctx symbols buffer require_output_check",
        ),
        (jinja2.runtime.Macro, "__call__"),
        (markupsafe, "_escape_inner"),
    ],
    ids=["CodeGenerator", "Frame", "Macro", "markupsafe"],
)
def test_a_name_that_the_compiler_leans_on_is_there(owner: object, names: str) -> None:
    assert [name for name in names.split() if not hasattr(owner, name)] == []


def test_a_macro_holds_what_a_direct_call_needs() -> None:
    template = jinja2.Environment(autoescape=True).from_string(
        "{% macro row(a) %}{{ a }}{% endmacro %}"
    )
    macro = template.module.row  # type: ignore[attr-defined]
    needed = ["_func", "arguments", "caller", "catch_kwargs", "catch_varargs"]
    assert [name for name in needed if not hasattr(macro, name)] == []
    assert list(inspect.signature(macro._func).parameters) == ["l_1_a"]


@pytest.mark.parametrize("name", ["environment", "context", "concat", "Markup", "missing"])
def test_the_code_of_a_template_knows_what_ours_writes_into_it(name: str) -> None:
    code = jinja2.Environment(autoescape=True).compile("{{ one }}", raw=True)
    assert name in code.replace(",", " ").replace("=", " ").split() or f"({name}," in code


def test_a_text_is_escaped_without_being_made_markup() -> None:
    escape_inner = markupsafe._escape_inner  # type: ignore[attr-defined]  # not declared
    found = escape_inner("<Ерлан>")
    assert (type(found), found) == (str, "&lt;Ерлан&gt;")
