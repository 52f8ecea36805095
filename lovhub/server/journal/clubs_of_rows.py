"""Of which club of the database a row is that decides something (`standing.py`): for what is said of it in a chain."""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from lovhub.server.club.models import Club
from lovhub.server.journal.standing import Odd
from lovhub.server.journal.told_values import BEYOND_ANY_COLUMN

OWNERS = {
    "application_zone": ("application_id", "application"),
    "club": ("id", "club"),
    "customer": ("id", "customer"),
    "recovery_code": ("staff_id", "staff"),
    "tariff_group": ("tariff_id", "tariff"),
    "tariff_zone": ("tariff_id", "tariff"),
}
"""Tables whose watched columns name no club → the column with the number of the row that does, and its table."""


def with_clubs(
    db: Session, tables: Mapping[str, Table], rows: Iterable[Odd]
) -> Iterator[tuple[Odd, Club | None]]:
    """Each row with its club, by what was told of it: to whom an edit gave it is not whose it is.

    None, where the row that names the club is gone.
    """
    clubs = {club.id: club for club in db.scalars(select(Club))}
    for row in rows:
        yield row, clubs.get(_club_id(db, tables, row) or 0)


def _club_id(db: Session, tables: Mapping[str, Table], row: Odd) -> int | None:
    column, owner = OWNERS.get(row.table, ("club_id", "club"))
    number = row.known.get(column)
    if type(number) is not int or abs(number) >= BEYOND_ANY_COLUMN:
        return None  # somebody has left it there
    if owner == "club":
        return number
    table = tables[owner]
    return db.scalar(select(table.c.club_id).where(table.c.id == number))
