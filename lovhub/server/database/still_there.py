"""Whether connections that wait in PostgreSQL's pool still lead anywhere, mostly without a question.

SQLAlchemy's own `pool_pre_ping` asks one before each transaction, which waits for the answer. Whoever has closed a
connection has said so on it, and so there is something to read: only then it is asked, for PostgreSQL may have said
anything else. A network that was cut says nothing; the question would wait there just as long as the transaction does.
"""

import select
import sys
from functools import partial
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError


def look_first(engine: Engine) -> None:
    """Have the engine's pool hand out no connection that was closed; then it makes all of them anew."""
    event.listen(engine, "checkout", partial(_look, engine))


def _look(engine: Engine, connection: Any, _record: object, _proxy: object) -> None:
    try:
        if _is_something_said(connection.fileno()):
            engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


if sys.platform == "win32":

    def _is_something_said(socket: int) -> bool:
        return bool(select.select([socket], [], [], 0)[0])

else:

    def _is_something_said(socket: int) -> bool:
        poll = (
            select.poll()
        )  # `select` knows the first thousand of a process's files only, and PCs have them
        poll.register(socket, select.POLLIN)
        return bool(poll.poll(0))
