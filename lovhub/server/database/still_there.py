"""Whether connections that wait in PostgreSQL's pool still lead anywhere, in a busy club without a question.

SQLAlchemy's own `pool_pre_ping` asks one before each transaction, which waits for the answer. Whoever has closed a
connection has said so on it, and so there is something to read; it is asked then, for PostgreSQL may have said anything
else. A computer that lost its power, or is behind a cable that was out, could say nothing: so a connection that has
waited for long is asked as well.
"""

import select
import sys
import time
from functools import partial
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

WAITED_SECONDS = 5.0
"""Nobody's computer is back sooner after it was gone without a word."""

_USED_AT = "lovhub_used_at"


def look_first(engine: Engine) -> None:
    """Have the engine's pool hand out no connection that is gone; when one is, it makes all of them anew."""
    event.listen(engine, "checkin", _note)
    event.listen(engine, "checkout", partial(_look, engine))


def _note(_connection: object, record: Any) -> None:
    record.info[_USED_AT] = time.monotonic()


def _look(engine: Engine, connection: Any, record: Any, _proxy: object) -> None:
    waited_since = record.info.get(_USED_AT)
    if waited_since is None:  # made just now
        return
    try:
        if time.monotonic() - waited_since > WAITED_SECONDS or _is_something_said(
            connection.fileno()
        ):
            engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


if sys.platform == "win32":

    def _is_something_said(socket: int) -> bool:
        return bool(select.select([socket], [], [], 0)[0])

else:

    def _is_something_said(socket: int) -> bool:
        # `select` knows the first thousand of a process's files only, and PCs have those.
        poll = select.poll()
        poll.register(socket, select.POLLIN)
        return bool(poll.poll(0))
