"""Numbers of rows that are about to be written."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lovhub.server.database.base import Base


def reserve(db: Session, table: type[Base], count: int) -> list[int]:
    """So many new ids of a table, in a transaction that writes.

    Rows whose numbers are known beforehand go in by one statement; where they are asked for afterwards, SQLite takes
    each row by itself.
    """
    column: Any = table.__table__.c.id
    if db.get_bind().dialect.name == "sqlite":
        # Nobody else writes while we do, and SQLite's own next number is the same.
        first = (db.scalar(select(func.max(column))) or 0) + 1
        return list(range(first, first + count))
    sequence = func.pg_get_serial_sequence(table.__tablename__, "id")
    asked = select(func.nextval(sequence)).select_from(func.generate_series(1, count))
    return list(db.scalars(asked))
