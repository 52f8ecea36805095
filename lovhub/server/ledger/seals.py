"""Rows for which only their own seals vouch (`database/row_seals.py`), as the check tells of them."""

from typing import Any

from sqlalchemy.orm import Session

from lovhub.server.database import row_seals
from lovhub.server.ledger.difference import Difference

OTHER_KEY = "seal_key"
"""All rows are sealed with another key than the server's."""

MOST_TOLD = 20
"""Rows of one table that are told one by one."""


def odd(db: Session) -> list[Difference]:
    """Rows that somebody has edited or slipped in beside the program."""
    found: list[Difference] = []
    number = 0
    for table, keys in row_seals.odd(db):
        number += len(keys)
        kind = f"seal_{table.name}"
        found += [Difference(kind, 0, 0, 0, in_words(key)) for key in keys[:MOST_TOLD]]
        if more := len(keys[MOST_TOLD:]):
            found.append(Difference("seals", 0, more, 0, table.name))
    if found and row_seals.are_all_odd(db, number):
        return [Difference(OTHER_KEY, 0, number, 0)]
    return found


def in_words(key: tuple[Any, ...]) -> str:
    """A row's key."""
    return ", ".join(map(str, key))
