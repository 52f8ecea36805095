"""What a piece of work asks of the database: so that nobody brings back a query per row."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from lovhub.server.context import ClubContext


@contextmanager
def asked(club: ClubContext) -> Iterator[list[str]]:
    """Collects what is asked inside the block, and not what is written."""
    told: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            told.append(statement)

    engine = club.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(engine, "before_cursor_execute", note)
