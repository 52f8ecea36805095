"""Ids known before the row is written: a row and its ledger account name each other."""

from typing import cast

from sqlalchemy import Table, func, select

from lovhub.server.context import Work
from lovhub.server.database.base import Base


def next_id(work: Work, model: type[Base]) -> int:
    """The id for the next row of `model`'s table, taken inside the writing transaction.

    PostgreSQL draws it from the table's sequence. SQLite has one writer at a time, so that the largest id
    cannot grow under our hands.
    """
    table = cast(Table, model.__table__)
    if work.db.get_bind().dialect.name == "postgresql":
        drawn = select(func.nextval(func.pg_get_serial_sequence(table.name, "id")))
        return int(work.db.scalars(drawn).one())
    return int(work.db.scalars(select(func.coalesce(func.max(table.c.id), 0))).one()) + 1
