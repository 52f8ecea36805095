"""A row by its number, which the operation has most likely read already.

SQLAlchemy's `get` goes through fifteen functions before it finds an object that the session holds.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import inspect
from sqlalchemy.orm import Mapper, Session

from lovhub.server.database.base import Base

Row = TypeVar("Row", bound=Base)


def get_one(db: Session, table: type[Row], number: int) -> Row:
    """The session's object of this row, or the row from the database. Raises NoResultFound."""
    known: Row | None = db.identity_map.get(_key(table)((number,)))
    return db.get_one(table, number) if known is None else known


@cache
def _key(table: type[Base]) -> Callable[[tuple[int]], Any]:
    mapper: Mapper[Any] = inspect(table)
    return mapper.identity_key_from_primary_key
