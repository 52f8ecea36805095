"""`/readyz`: can the server work? The database takes a write within a deadline, and is of this program's version."""

import asyncio
from functools import cache

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lovhub.clock import Clock
from lovhub.server.database.engine import Database, DatabaseBusy
from lovhub.server.database.migrate import head_revision

DEADLINE_SECONDS = 3.0
PATIENCE_SECONDS = 2.0
FRESH_SECONDS = 5.0
"""Whoever asks all the time costs the database no more than one small write in so long."""

log = structlog.get_logger("watching")


class Readiness:
    """Asked on the event loop; the database is asked in a thread, and never twice at once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._probe: asyncio.Task[str] | None = None
        self._code = ""
        self._known_at: float | None = None

    async def problem(self) -> str:
        """Why the server cannot work now, as a code; "" if it can."""
        if self._known_at is not None and self._clock.monotonic() - self._known_at < FRESH_SECONDS:
            return self._code
        if self._probe is None:
            self._probe = asyncio.create_task(asyncio.to_thread(self._look))
        probe = self._probe
        done, _ = await asyncio.wait({probe}, timeout=DEADLINE_SECONDS)
        if not done:
            return "database_slow"
        if self._probe is probe:
            self._probe = None
            self._code, self._known_at = probe.result(), self._clock.monotonic()
        return self._code

    def _look(self) -> str:
        return problem_of(self._database)


def problem_of(database: Database) -> str:
    """Why the database does not serve, as a code; "" if it does.

    A real write, of a row that nobody else ever locks; its version comes along.
    """
    try:
        with database.write(PATIENCE_SECONDS) as db:
            revisions = db.scalars(
                text("UPDATE alembic_version SET version_num = version_num RETURNING version_num")
            ).all()
    except DatabaseBusy:
        return "database_busy"
    except SQLAlchemyError as error:
        log.warning("not_ready", why=type(error).__name__)
        return "database_not_writable"
    return "" if revisions == [_head()] else "database_version"


@cache
def _head() -> str:
    return head_revision()
