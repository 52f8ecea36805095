"""What was made of all rows of a table that only grows: kept in memory, and carried on by the rows that came since.

On SQLite rows are numbered as they are committed, and a reader sees one picture. So what was made of all rows up to one
holds as long as that one stands where it stood, and what is missing is in those after it. On PostgreSQL a row with a
lower number may be committed later: there it is made each time.
"""

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from lovhub.server.database.prepared import Query

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

_Row = tuple[Any, ...]

_BEFORE_ALL: _Row = (0,)
"""In place of the newest row of an empty table."""


def is_numbered_as_committed(db: Session) -> bool:
    """Whether anything can be remembered here."""
    return db.get_bind().dialect.name == "sqlite"


class Remembered(Generic[K, T]):
    """By some key, what was made of a table's rows. `number`: their numbers; `told`: by what else a row is known again.

    After more than `most_since` rows it is made anew.
    """

    def __init__(
        self,
        number: InstrumentedAttribute[int],
        *told: InstrumentedAttribute[Any],
        most_since: int,
    ) -> None:
        row = select(number, *told)
        self._newest: Query[*_Row] = Query(row.order_by(number.desc()).limit(1))
        self._numbered: Query[*_Row] = Query(row.where(number == bindparam("number")))
        self._kept: WeakKeyDictionary[Engine, dict[K, tuple[_Row, T]]] = WeakKeyDictionary()
        self.most_since = most_since

    def get(self, db: Session, key: K, make: Callable[[], T], carry_on: Callable[[T, int], T]) -> T:
        """As `make` says it now. `carry_on` gets what was kept, and the number after which rows are missing in it.

        `db` has written nothing itself: what it took back later would be remembered.
        """
        if not is_numbered_as_committed(db):
            return make()
        kept = self._kept.setdefault(db.get_bind().engine, {})
        newest = self._newest.first(db) or _BEFORE_ALL
        known = kept.get(key)
        if known is None or not self._goes_on(db, known[0], newest):
            found = make()
        elif known[0] == newest:
            return known[1]
        else:
            found = carry_on(known[1], known[0][0])
        kept[key] = newest, found
        return found

    def _goes_on(self, db: Session, known: _Row, newest: _Row) -> bool:
        """Whether the rows go on from there, and not far. They do not where another file lies in place of the first."""
        if known == newest:
            return True
        if not known[0] < newest[0] <= known[0] + self.most_since:
            return False
        return known == _BEFORE_ALL or known == self._numbered.first(db, number=known[0])
