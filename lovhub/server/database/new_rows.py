"""Writing a new row at once: `db.add(row)` and a flush, for a tenth of what SQLAlchemy's unit of work costs.

`make` gives a row that is written later, by `add`: with what has become of it until then.
"""

from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Column, insert, inspect
from sqlalchemy.orm import Mapper, Session

from lovhub.server.database.base import Base
from lovhub.server.database.prepared import Change, Query
from lovhub.server.database.wording import new_object, take_in

Row = TypeVar("Row", bound=Base)


def write(db: Session, table: type[Row], **given: Any) -> Row:
    """A new row with these values, written now; it has its number then, and is the session's.

    Raises TypeError for a value that is no column's, and for the number, which the database gives and nobody else.
    """
    row = make(table, **given)
    add(db, row)
    return row


def make(table: type[Row], **given: Any) -> Row:
    """A new row with these values, which is not written: it has no number (None), and no session has it.

    Raises TypeError as `write` does.
    """
    into = _into(table)
    values = {**into.usual, **given}
    if len(values) != len(into.usual):
        raise TypeError(f"no columns of {table.__name__}: {given.keys() - into.usual.keys()}")
    for name, made in into.made:
        if name not in given:
            values[name] = made(None)
    if into.number is not None:
        values[into.number] = None
    row: Row = new_object(into.mapper, values)
    return row


def add(db: Session, row: Base, **changed: Any) -> None:
    """Write a row as it was made, but for what is `changed`; it has its number then, and is the session's.

    Raises TypeError as `write` does.
    """
    into, holds = _into(type(row)), row.__dict__
    if unknown := changed.keys() - into.usual.keys():
        raise TypeError(f"no columns of {type(row).__name__}: {unknown}")
    holds.update(changed)
    values = {name: holds[name] for name in into.usual}
    if into.number is None:
        into.plain.run(db, **values)
    else:
        (holds[into.number],) = into.numbered.one(db, **values)
    key = tuple([holds[name] for name in into.key])
    take_in(db, row, into.mapper.identity_key_from_primary_key(key))


class _Into:
    def __init__(self, table: type[Base]) -> None:
        self.mapper: Mapper[Any] = inspect(table)
        number: Column[Any] | None = self.mapper.local_table.autoincrement_column  # type: ignore[attr-defined]
        self.number = None if number is None else number.key
        self.key = [self.mapper.get_property_by_column(one).key for one in self.mapper.primary_key]
        self.usual: dict[str, Any] = {}
        """What each column holds where nothing is given."""
        self.made = []
        """Which of them are made anew for each row, and how."""
        for attribute in self.mapper.column_attrs:
            column: Any = attribute.columns[0]
            if column is number:
                continue
            default = column.default
            self.usual[attribute.key] = None if default is None else default.arg
            if default is not None and default.is_callable:
                self.made.append((attribute.key, default.arg))
        self.plain = Change(insert(table))
        if number is not None:
            self.numbered = Query(insert(table).returning(number))


@cache
def _into(table: type[Base]) -> _Into:
    return _Into(table)
