"""The addresses that templates ask for: a hundred times a page, and nearly always the same ones."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask, request

from lovhub.server.web import current

KEPT = 8192
LONGEST = 100
"""What somebody searched for may be longer, and is asked for once."""


def install(app: Flask) -> None:
    """Let templates ask here."""
    app.jinja_env.globals["url_for"] = kept(app.url_for)


def kept(url_for: Callable[..., str]) -> Callable[..., str]:
    """The same addresses, each made once. What depends on the request asking is made every time."""

    @lru_cache(KEPT)
    def made(_mounted_at: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
        return url_for(endpoint, **dict(values))

    def address(endpoint: str, **values: Any) -> str:
        # Whole numbers, texts and nothing only: True is equal to 1, and another address.
        for value in values.values():
            if type(value) is str:
                if len(value) > LONGEST:
                    return url_for(endpoint, **values)
            elif value is not None and type(value) is not int:
                return url_for(endpoint, **values)
        if endpoint[0] == "." or "_external" in values or "_scheme" in values:
            return url_for(endpoint, **values)
        known = current.known()
        if "mounted_at" not in known:
            known["mounted_at"] = request.root_path
        return made(known["mounted_at"], endpoint, tuple(values.items()))

    return address
