"""Who may be meant by a piece of a name, login or phone: looked for in memory, for SQLite goes through an index slowly.

Each change of what a customer is called is told beside its event (`journal/standing.py`). So the newest of these lines
says whether anything has changed, and those since, whom to read again. Who is found here is asked of the database once
more: nobody is found by what it no longer says. Who is forgotten is gone from here with the next search.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Self

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lovhub.server.customers.belonging import club_of_customers
from lovhub.server.customers.models import Customer
from lovhub.server.database.prepared import Query
from lovhub.server.database.remembering import Remembered, is_numbered_as_committed
from lovhub.server.journal.models import Standing
from lovhub.server.journal.told_values import listed

MOST = 100
"""Of whom more have a piece, a list is full soon: there the index is gone through in its order."""

MOST_CHANGED = 500
"""After so many changes all are read again."""

KEPT: "Remembered[int, Names]" = Remembered(
    Standing.id, Standing.event_id, Standing.table_name, Standing.row_key, most_since=50_000
)

_COLUMNS = (Customer.id, Customer.name_key, Customer.login_key, Customer.phone)
_ALL = Query(
    select(*_COLUMNS).where(Customer.club_id == bindparam("home"), Customer.deleted_at.is_(None))
)
_CHANGED = Query(
    select(Standing.row_key)
    .where(Standing.id > bindparam("after"), Standing.table_name == Customer.__tablename__)
    .limit(MOST_CHANGED + 1)
)


@dataclass(frozen=True)
class Names:
    """What a club's customers are called. `text`: of one after the other; `starts`: where each begins, and the end.

    `changed`: those of whom something else is said now, and new ones.
    """

    text: str
    starts: Sequence[int]
    numbers: Sequence[int]
    changed: Mapping[int, str]

    @classmethod
    def read(cls, db: Session, home: int) -> Self:
        """All of them."""
        rows = _ALL.all(db, home=home)
        texts = [_as_text(*keys) for _number, *keys in rows]
        starts = array("q", accumulate(map(len, texts), initial=0))
        return cls("".join(texts), starts, array("q", (row[0] for row in rows)), {})

    def since(self, db: Session, home: int, after: int) -> "Names":
        """With what was told after this line."""
        keys = _CHANGED.values(db, after=after)
        if not keys:
            return self
        numbers = {number for key in keys for number in listed(key)}
        if len(keys) > MOST_CHANGED or len(self.changed) + len(numbers) > MOST_CHANGED:
            return Names.read(db, home)
        rows = db.execute(
            select(*_COLUMNS).where(
                Customer.id.in_(numbers),
                Customer.club_id + 0 == home,
                Customer.deleted_at.is_(None),
            )
        ).all()
        if len(rows) < len(numbers):
            return Names.read(db, home)  # nobody's name stays here when they are gone
        return replace(
            self, changed={**self.changed, **{row[0]: _as_text(*row[1:]) for row in rows}}
        )

    def holding(self, pieces: Iterable[str]) -> list[int] | None:
        """Those of whom it holds one of the pieces, or has held it; None: more than MOST."""
        found: set[int] = set()
        for piece in pieces:
            at = self.text.find(piece)
            while at >= 0:
                place = bisect_right(self.starts, at) - 1
                found.add(self.numbers[place])
                if len(found) > MOST:
                    return None
                at = self.text.find(piece, self.starts[place + 1])
            found.update(number for number, text in self.changed.items() if piece in text)
        return sorted(found) if len(found) <= MOST else None


def _as_text(*keys: str) -> str:
    # No piece that is searched for has the end of a line in it.
    return "\n".join((*keys, ""))


def names(db: Session, club_id: int) -> Names:
    """What the customers of a club are called now; on PostgreSQL read each time."""
    home = club_of_customers(db, club_id)
    return KEPT.get(
        db,
        home,
        lambda: Names.read(db, home),
        lambda known, after: known.since(db, home, after),
    )


def perhaps(db: Session, club_id: int, pieces: Sequence[str]) -> list[int] | None:
    """The numbers of all who may have one of the pieces, few others among them.

    None where they are too many, and on PostgreSQL: then the index says.
    """
    if not is_numbered_as_committed(db) or "" in pieces:
        return None
    return names(db, club_id).holding(pieces)
