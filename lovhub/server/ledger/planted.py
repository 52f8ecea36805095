"""Code in the database's file that is not the program's.

A trigger runs in the program's own connection, which knows the key to the rows' seals (`database/row_seals.py`): who
has the file could let the program seal there what they have written. A trigger that is gone shows by what follows from
it. On PostgreSQL only who has the server's own access can make one, and with it the key.
"""

import re
from functools import cache

from sqlalchemy.orm import Session

from lovhub.server.database import row_seals, triggers
from lovhub.server.database.sealed_tables import SEALED
from lovhub.server.database.tables import Base
from lovhub.server.ledger.difference import Difference
from lovhub.server.retention.rules import KINDS_THAT_GO

PLANTED = "planted"

_CODE = "FROM sqlite_master WHERE type IN ('trigger', 'view')"


def odd(db: Session) -> list[Difference]:
    """Triggers and views that the program has not made, or not so; `detail`: what they are called."""
    return [Difference(PLANTED, 0, 0, 0, name) for _kind, name in _planted(db)]


def put_right(db: Session) -> int:
    """Remove what is not ours, and make anew what is gone; returns how many were not ours."""
    if db.get_bind().dialect.name != "sqlite":
        return 0
    connection = db.connection()
    planted = _planted(db)
    for kind, name in planted:
        quoted = connection.dialect.identifier_preparer.quote(name)
        connection.exec_driver_sql(f"DROP {kind} {quoted}")
    there = set(connection.exec_driver_sql(f"SELECT name {_CODE}").scalars())
    for name, statement in made().items():
        if name not in there:
            connection.exec_driver_sql(statement)
    return len(planted)


def _planted(db: Session) -> list[tuple[str, str]]:
    if db.get_bind().dialect.name != "sqlite":
        return []
    found = db.connection().exec_driver_sql(f"SELECT type, name, sql {_CODE} ORDER BY name")
    return [(kind, name) for kind, name, said in found if made().get(name) != said]


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
