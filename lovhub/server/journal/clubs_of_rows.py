"""Of which club of the database a row is that decides something (`standing.py`): for what is said of it in a chain."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from lovhub.server.club.models import Club
from lovhub.server.journal.standing import Odd
from lovhub.server.journal.told_values import BEYOND_ANY_COLUMN

OWNERS = {
    "application_zone": ("application_id", "application"),
    "club": ("id", "club"),
    "recovery_code": ("staff_id", "staff"),
    "tariff_group": ("tariff_id", "tariff"),
    "tariff_zone": ("tariff_id", "tariff"),
}
"""Tables whose watched columns name no club → the column with the number of the row that does, and its table."""


_AT_ONCE = 100
"""Rows of which one question asks whose they are, for each table that says so."""


def with_clubs(
    db: Session, tables: Mapping[str, Table], rows: Iterable[Odd]
) -> Iterator[tuple[Odd, Club | None]]:
    """Each row with its club, by what was told of it: to whom an edit gave it is not whose it is.

    None, where the row that names the club is gone.
    """
    clubs = {club.id: club for club in db.scalars(select(Club))}
    left = iter(rows)
    while some := list(islice(left, _AT_ONCE)):
        owners = [_owner(row) for row in some]
        of_owner = _club_ids(db, tables, {owner for owner in owners if owner is not None})
        for row, owner in zip(some, owners, strict=True):
            yield row, None if owner is None else clubs.get(of_owner.get(owner, 0))


def _owner(row: Odd) -> tuple[str, int] | None:
    """Table and number of the row that names the club; None, where somebody has left there what is no number."""
    column, table = OWNERS.get(row.table, ("club_id", "club"))
    number = row.known.get(column)
    if type(number) is not int or abs(number) >= BEYOND_ANY_COLUMN:
        return None
    return table, number


def _club_ids(
    db: Session, tables: Mapping[str, Table], owners: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], int]:
    """Of each of these rows, the number of its club: one question a table."""
    numbers: dict[str, set[int]] = {}
    for table, number in owners:
        numbers.setdefault(table, set()).add(number)
    found = {("club", number): number for number in numbers.pop("club", ())}
    for name, of_table in numbers.items():
        row = tables[name].c
        asked = db.execute(select(row.id, row.club_id).where(row.id.in_(of_table)))
        found.update(((name, number), club_id) for number, club_id in asked)
    return found
