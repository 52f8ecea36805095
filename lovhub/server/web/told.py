"""What compiled templates are told and how they write it; `compiling.py` puts these names into them."""

from collections.abc import Callable
from functools import lru_cache, partial
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, cast

from flask import request
from flask_babel.speaklater import LazyString
from jinja2.runtime import Context, Macro
from jinja2.utils import missing
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]  # not declared

from lovhub.server.staff import rights
from lovhub.server.web import current, language, navigation

inner = _escape_inner
"""A text as it stands in a page. `escape` takes thirty times as long, for it makes a Markup of it."""


def shown(value: object) -> str:
    """Anything as it stands in a page, to be joined with the rest of it."""
    if type(value) is int:
        return str(value)
    if type(value) is LazyString:
        return language.said(value)
    return value if type(value) is Markup else escape(value)


_FUNCTIONS = frozenset({FunctionType, MethodType, BuiltinFunctionType})


def callee(context: Context, called: Any, **around: Any) -> Callable[..., Any]:
    """What stands for a function: mostly itself; what wants Jinja's context is given it, with what is `around` it.

    Jinja finds that out in each call, which takes longer than most of them.
    """
    if type(called) in _FUNCTIONS and not hasattr(called, "jinja_pass_arg"):
        return cast("Callable[..., Any]", called)
    return partial(context.call, called, **around)


def spoken() -> tuple[dict[str, Markup], dict[str, str]]:
    """The texts of this request's language, whole ones and those that values are put into."""
    speech = language.speech()
    return speech.whole, speech.patterns


def held_rights() -> frozenset[str]:
    """The rights of the person who asks."""
    return _rights_of(navigation.role())


@lru_cache(64)
def _rights_of(role: str) -> frozenset[str]:
    return frozenset(right for right in rights.RIGHTS if rights.may(role, right))


def mounted_at() -> str:
    """Where the site begins: mostly ""."""
    known = current.known()
    if "mounted_at" not in known:
        known["mounted_at"] = request.root_path
    return cast("str", known["mounted_at"])


def directly(macro: Macro) -> Macro:
    """The macro, with its `direct`: called as Python calls it, named values by the names that its code has for them.

    Jinja's own way sorts out the values of each call, which takes longer than most rows.
    """
    if macro.caller or macro.catch_kwargs or macro.catch_varargs:

        def sorted_out(*values: Any, **named: Any) -> str:
            return macro(*values, **{name[len(PREFIX) :]: named[name] for name in named})

        macro.direct = sorted_out  # type: ignore[attr-defined]
    else:
        function = macro._func  # noqa: SLF001  # it has no other name
        function.__defaults__ = (missing,) * len(macro.arguments)
        macro.direct = function  # type: ignore[attr-defined]
    return macro


PREFIX = "l_1_"
"""What compiled templates write before the names of a macro's values."""
