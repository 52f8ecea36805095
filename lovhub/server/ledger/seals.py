"""Rows for which only their own seals vouch (`database/row_seals.py`), as the check tells of them."""

from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from lovhub.server.database import row_seals
from lovhub.server.database.sealed_tables import SEALED
from lovhub.server.ledger.difference import Difference

OTHER_KEY = "seal_key"
"""The server has another key than most rows are sealed with, and the club's own among them."""

AND_MORE = "seals"

MOST_TOLD = 20
"""Rows of one table that are told one by one."""


def in_one_sentence(db: Session, found: list[Difference]) -> list[Difference]:
    """The same; a key that was exchanged is one difference in place of all its rows.

    Some rows the server may have written since, with the key that it has now; the club's own row it cannot make right.
    """
    of_seals = [one for one in found if one.kind.startswith(_OF_A_ROW) or one.kind == AND_MORE]
    if _of_row("club", row_seals.own_club(db)) not in of_seals:
        return found
    number = sum(one.kept if one.kind == AND_MORE else 1 for one in of_seals)
    there = row_seals.number_of_sealed(db)
    if number * 2 <= there:
        return found
    others = [one for one in found if one not in of_seals]
    return [*others, Difference(OTHER_KEY, 0, number, there)]


def _of_table(name: str, db: Session) -> list[Difference]:
    """Rows that somebody has edited or slipped in beside the program."""
    keys = row_seals.odd_of(db, name)
    found = [_of_row(name, *key) for key in keys[:MOST_TOLD]]
    if more := len(keys[MOST_TOLD:]):
        found.append(Difference(AND_MORE, 0, more, 0, name))
    return found


PARTS = tuple(partial(_of_table, name) for name in SEALED)
"""The parts of the check: each table for itself."""


def _of_row(table: str, *key: Any) -> Difference:
    return Difference(f"{_OF_A_ROW}{table}", 0, 0, 0, ", ".join(map(str, key)))


_OF_A_ROW = "seal_"
