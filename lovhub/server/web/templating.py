"""How templates are compiled and spoken: what a list asks for in each of its rows is asked as Python asks for it.

Jinja asks of everything that is called whether it wants the context, and makes a Markup of all that it escapes, only
to join it; flask-babel looks up the language for every text, and Flask puts every address together. Of a list's page
that was more than half. Here a template finds out once what it is told again and again (texts in the reader's
language, their rights, where the site begins: `told.py`), and what is known beforehand is written into its code
(`compiling.py`).
"""

from collections.abc import Callable
from functools import lru_cache
from typing import cast

import msgspec
from flask import Flask
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from lovhub.server.web import current, language, navigation
from lovhub.server.web.compiling import PlainCalls


def install(app: Flask) -> None:
    """Compile templates so, and give them what they ask for most; they ask for addresses already."""
    app.jinja_env.code_generator_class = PlainCalls
    app.jinja_env.globals.update(
        {
            "_": language.text,
            "csrf_token": form_token,
            "icon": _icons(cast("Callable[..., str]", app.jinja_env.globals["url_for"])),
            "may": navigation.may,
        }
    )
    # A year's chart has a thousand numbers with hundredths: Python's own encoder takes eight times as long for them.
    app.jinja_env.policies["json.dumps_function"] = _as_json
    app.jinja_env.policies["json.dumps_kwargs"] = {}


def _as_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def form_token() -> str:
    """What each form of a page carries; a list may have one in every row."""
    known = current.known()
    if "form_token" not in known:
        known["form_token"] = generate_csrf()
    return cast("str", known["form_token"])


def _icons(url_for: Callable[..., str]) -> Callable[..., Markup]:
    @lru_cache(1024)
    def drawn(pictures: str, name: str, extra: str) -> Markup:
        return Markup(
            '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>'
        ).format(extra, pictures, name)

    def icon(name: str, extra: str = "") -> Markup:
        """A picture of `frontend/icons.txt` by its name; `extra` are more classes."""
        known = current.known()
        if "icons" not in known:
            known["icons"] = url_for("static", filename="vendor/icons.svg")
        return drawn(known["icons"], name, extra)

    return icon
