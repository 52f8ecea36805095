"""What a person with the database's file and an SQL shell can do."""

import re

from sqlalchemy import text
from sqlalchemy.orm import Session

from lovhub.server.context import ClubContext
from lovhub.server.database import row_seals
from lovhub.server.database.sealed_tables import SEALED
from lovhub.server.database.tables import Base
from lovhub.server.database.triggers import trigger_names


def edit(club: ClubContext, *statements: str, **values: object) -> None:
    """Switch the guards off, and write: nothing is sealed by that."""
    with club.write() as work:
        _drop(work.db, {name: name.rsplit("_no_", 1)[0] for name in trigger_names()})
        for statement in statements:
            _edit(work.db, statement, values)


def _edit(db: Session, statement: str, values: dict[str, object]) -> None:
    written = re.match(r"\s*(?:UPDATE|INSERT INTO|DELETE FROM)\s+(\w+)", statement)
    table = written[1] if written else ""
    if table not in SEALED:
        db.execute(text(statement), values)
        return
    dialect = db.get_bind().dialect.name
    names = row_seals.trigger_names(dialect)
    _drop(db, {name: table for name in names if name.startswith(f"{table}_sealed")})
    db.execute(text(statement), values)
    columns = row_seals.columns_of(Base.metadata.tables[table])
    for made in row_seals.create_statements(dialect, table, columns):
        db.execute(text(made.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")))


def _drop(db: Session, triggers: dict[str, str]) -> None:
    is_postgres = db.get_bind().dialect.name == "postgresql"
    for name, table in sorted(triggers.items()):
        on_table = f" ON {table}" if is_postgres else ""
        db.execute(text(f"DROP TRIGGER IF EXISTS {name}{on_table}"))
