"""What a person with the database's file and an SQL shell can do."""

from sqlalchemy import text

from lovhub.server.context import ClubContext
from lovhub.server.database.triggers import trigger_names


def edit(club: ClubContext, *statements: str, **values: object) -> None:
    """Switch the guards off, and write."""
    with club.write() as work:
        postgres = work.db.get_bind().dialect.name == "postgresql"
        for name in sorted(trigger_names()):
            table = name.rsplit("_no_", 1)[0]
            on_table = f" ON {table}" if postgres else ""
            work.db.execute(text(f"DROP TRIGGER IF EXISTS {name}{on_table}"))
        for statement in statements:
            work.db.execute(text(statement), values)
