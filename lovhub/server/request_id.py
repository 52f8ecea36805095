"""The number of the request that is being answered: in its answer, in the log's lines, and on the rows it writes.

Given out here, never taken from outside: what somebody sends must not be mistaken for what we wrote.
"""

import secrets

from structlog import contextvars

HEADER = "X-Request-ID"
_NAME = "request_id"


def begin() -> str:
    """A request begins in this thread."""
    number = secrets.token_hex(8)
    contextvars.clear_contextvars()
    contextvars.bind_contextvars(**{_NAME: number})
    return number


def end() -> None:
    """It is answered."""
    contextvars.clear_contextvars()


def current() -> str | None:
    """The number; None for what the server does by itself, and for what PCs ask."""
    found = contextvars.get_contextvars().get(_NAME)
    return None if found is None else str(found)
