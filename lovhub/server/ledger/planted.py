"""Code in the database's file that is not the program's.

A trigger runs in the program's own connection, which knows the key to the rows' seals (`database/row_seals.py`): who
has the file could let the program seal there what they have written. A trigger that is gone shows by what follows from
it. On PostgreSQL only who has the server's own access can make one, and with it the key.
"""

import re
from collections.abc import Iterable
from functools import cache

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from lovhub.server.database import row_seals, triggers
from lovhub.server.database.sealed_tables import SEALED
from lovhub.server.database.tables import Base
from lovhub.server.ledger import misfits
from lovhub.server.ledger.difference import Difference
from lovhub.server.retention.rules import KINDS_THAT_GO

PLANTED = "planted"

_CODE = "FROM sqlite_master WHERE type IN ('trigger', 'view')"


def odd(db: Session) -> list[Difference]:
    """Triggers and views that the program has not made, or not so; `detail`: what they are called."""
    return [Difference(PLANTED, 0, 0, 0, misfits.legible(name)) for _row, name in _planted(db)]


def put_right(db: Session) -> int:
    """Remove what is not ours, and make anew what is gone; returns how many were not ours."""
    if db.get_bind().dialect.name != "sqlite":
        return 0
    connection = db.connection()
    planted = _planted(db)
    if planted:
        _remove(connection, [row for row, _name in planted])
    there = set(connection.exec_driver_sql(f"SELECT name {_CODE}").scalars())
    for name, statement in made().items():
        if name not in there:
            connection.exec_driver_sql(statement)
    return len(planted)


def _planted(db: Session) -> list[tuple[int, bytes]]:
    """Row in SQLite's own table → name."""
    if db.get_bind().dialect.name != "sqlite":
        return []
    ours = {name.encode(): statement.encode() for name, statement in made().items()}
    # As bytes: whoever has the file can write there what is no text.
    columns = "rowid, CAST(name AS BLOB), CAST(sql AS BLOB)"
    found = db.connection().exec_driver_sql(f"SELECT {columns} {_CODE} ORDER BY name")
    return [(row, name) for row, name, said in found if ours.get(name) != said]


def _remove(connection: Connection, rows: Iterable[int]) -> None:
    """Past SQLite's statements, since a name that is no text can be said in none."""
    (version,) = connection.exec_driver_sql("PRAGMA schema_version").one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    try:
        for row in rows:
            connection.exec_driver_sql("DELETE FROM sqlite_master WHERE rowid = ?", (row,))
    finally:
        connection.exec_driver_sql("PRAGMA writable_schema = RESET")  # it reads all of it anew
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")  # and so do the others


@cache
def made() -> dict[str, str]:
    """What the migrations have made of triggers in SQLite: name → statement."""
    of_rows = (
        row_seals.create_statements(
            "sqlite", table, row_seals.columns_of(Base.metadata.tables[table])
        )
        for table in SEALED
    )
    guarded = (*triggers.APPEND_ONLY_TABLES, *triggers.FROZEN_TABLES)
    sealed = row_seals.columns_of(Base.metadata.tables["provider_event"])
    statements = (
        *triggers.create_statements("sqlite", guarded),
        *triggers.only_these_events_go("sqlite", KINDS_THAT_GO),
        *triggers.nothing_but_its_seal_changes("sqlite", "provider_event", sealed),
        *triggers.forget_bank_days("sqlite"),
        *(statement for made_of in of_rows for statement in made_of),
    )
    named = ((re.match(r"CREATE TRIGGER (\w+)", statement), statement) for statement in statements)
    return {match[1]: statement for match, statement in named if match}
