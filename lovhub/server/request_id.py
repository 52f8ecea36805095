"""The number of the request that is being answered: in its answer, in the log's lines, and on the rows it writes.

Given out here, never taken from outside: what somebody sends must not be mistaken for what we wrote.
"""

import os
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

HEADER = "X-Request-ID"
_number: ContextVar[str | None] = ContextVar("request_id", default=None)


def begin() -> str:
    """A request begins in this thread."""
    number = os.urandom(8).hex()
    _number.set(number)
    return number


def end() -> None:
    """It is answered."""
    _number.set(None)


def current() -> str | None:
    """The number; None for what the server does by itself, and for what PCs ask."""
    return _number.get()


def into_line(
    _logger: Any, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A line of the log says in which request it was written."""
    number = _number.get()
    if number is not None:
        line.setdefault("request_id", number)
    return line
