"""Rows with a value that their column cannot hold. SQLite lets whoever has the file put anything anywhere.

Words for a number, seven for a yes or no, half a JSON: the program expects none of it, and whatever reads such a row
may fail over it. So these rows are told first, and where a part of the check fails, they answer for it. PostgreSQL
takes no such value.

What is rare and dear to look for is looked for where something has failed: text that is no UTF-8, JSON that SQLite
reads and we do not, and, in either database, numbers of which no sum could be made.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import JSON, Boolean, Column, Connection, Integer, LargeBinary, String, Table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from lovhub.server.database.base import Base
from lovhub.server.ledger.difference import Difference

Part = Callable[[Session], Iterable[Difference]]
"""A part of the check."""

OF_A_ROW = "misfit_"
"""What the kind of such a difference begins with; the table follows."""

AND_MORE = "misfits"

MOST_TOLD = 20
"""Rows of one table that are told one by one."""

MOST = 2**50
"""No sum, time or number of ours is that great, were it all that a chain took in a hundred years; thousands of them are
added up without an overflow."""

FAILURES = (
    SQLAlchemyError, sqlite3.Error, msgspec.MsgspecError, ArithmeticError, AttributeError, LookupError, RecursionError,
    TypeError, ValueError,
)  # fmt: skip
"""As whatever reads a row may fail over a value that is none."""

_LONGEST_KEY = 60
_OF_A_VALUE = ("SQLITE_ERROR", "SQLITE_MISMATCH")
"""What SQLite says of values; all else is the disk's or a lock's."""


class MisfitRows(Exception):
    """Nothing was done, since there are such rows. `rows`: as the check tells of them."""

    def __init__(self, rows: Sequence[Difference]) -> None:
        super().__init__(len(rows))
        self.rows = rows


def answers(db: Session, parts: Iterable[Part]) -> list[Difference]:
    """Such rows, and what each part finds beside them. Raises what a part raises, where there are none."""
    told, is_all = odd(db), False
    found: list[Difference] = []
    for part in parts:
        try:
            # Apart, since in PostgreSQL nothing else would be answered after a failure.
            with db.connection().begin_nested():
                found += map(_with_numbers, part(db))
        except FAILURES as error:
            if not _is_of_a_value(error):
                raise
            if not is_all:
                told, is_all = odd(db, thoroughly=True), True
            if not told:
                raise
    return [*told, *found]


def are_among(differences: Iterable[Difference]) -> bool:
    """Whether any of these is about such a row."""
    return any(one.kind.startswith(OF_A_ROW) for one in differences)


def odd(db: Session, *, thoroughly: bool = False) -> list[Difference]:
    """Such rows; `thoroughly`: also what is looked for only where something has failed."""
    connection = db.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    if thoroughly and is_sqlite:
        _teach(connection)
    elif not is_sqlite and not thoroughly:
        return []
    return [
        difference
        for table in Base.metadata.sorted_tables
        for difference in _of_table(connection, table, thoroughly=thoroughly)
    ]


def _with_numbers(difference: Difference) -> Difference:
    """The same; TypeError where it goes on telling what is no number."""
    numbers = difference.subject, difference.kept, difference.recomputed
    if all(isinstance(one, int) for one in numbers):
        return difference
    raise TypeError(difference.kind)


def _is_of_a_value(error: Exception) -> bool:
    cause = getattr(error, "orig", error)
    return getattr(cause, "sqlite_errorname", _OF_A_VALUE[0]) in _OF_A_VALUE


def _of_table(connection: Connection, table: Table, *, thoroughly: bool) -> Iterator[Difference]:
    is_sqlite = connection.dialect.name == "sqlite"
    asked = _asked(table, is_sqlite=is_sqlite, thoroughly=thoroughly)
    if not asked:
        return
    # As bytes, since a key may be what it should not, too.
    as_bytes = "CAST({} AS BLOB)" if is_sqlite else "convert_to({}::text, 'UTF8')"
    keys = [as_bytes.format(_quoted(one)) for one in table.primary_key.columns]
    listed = ", ".join([*keys, *asked.values()])
    where = f"FROM {table.name} WHERE {' OR '.join(asked.values())}"
    rows = connection.exec_driver_sql(f"SELECT {listed} {where} LIMIT {MOST_TOLD + 1}").all()
    for row in rows[:MOST_TOLD]:
        key = ", ".join(map(legible, row[: len(keys)]))
        wrong = [name for name, is_wrong in zip(asked, row[len(keys) :], strict=True) if is_wrong]
        yield Difference(f"{OF_A_ROW}{table.name}", 0, 0, 0, f"{key} ({', '.join(wrong)})")
    if len(rows) > MOST_TOLD:
        number = connection.exec_driver_sql(f"SELECT count(*) {where}").scalar_one()
        yield Difference(AND_MORE, 0, number - MOST_TOLD, 0, table.name)


def _asked(table: Table, *, is_sqlite: bool, thoroughly: bool) -> dict[str, str]:
    """Column → whether a row's value is none of its, as SQL."""
    asked = {}
    for column in table.columns:
        found = [_misfits(column)] if is_sqlite and not _is_rowid(column) else []
        if thoroughly:
            found += _beyond_sums(column)
            if is_sqlite:
                found += _illegible(column)
        if found:
            asked[column.name] = f"({' OR '.join(found)})"
    return asked


def _is_rowid(column: Column[Any]) -> bool:
    """Whether it is the row's number, which SQLite itself keeps one."""
    return [*column.table.primary_key] == [column] and isinstance(column.type, Integer)


# By comparing, which is quicker than `typeof`. In SQLite numbers come before texts, and texts before bytes. What a
# column itself turns into its type (`'12'` into 12) was turned when it was written.
def _misfits(column: Column[Any]) -> str:
    name = _quoted(column)
    match column.type:
        case Boolean():
            return f"{name} <> 0 AND {name} <> 1"
        case Integer():
            return f"{name} <> CAST({name} AS INTEGER)"
        case JSON():
            is_ours = f"typeof({name}) = 'text' AND json_valid({name}) AND substr({name}, 1, 1) IN ('{{', '[')"
            return f"{name} IS NOT NULL AND NOT ({is_ours})"
        case String():
            return f"{name} >= X''"
        case LargeBinary():
            return f"{name} < X''"
    raise AssertionError(column)


def _beyond_sums(column: Column[Any]) -> list[str]:
    if isinstance(column.type, Integer):
        return [f"{_quoted(column)} NOT BETWEEN {-MOST} AND {MOST}"]
    return []


def _illegible(column: Column[Any]) -> list[str]:
    match column.type:
        case JSON():
            return [f"NOT lovhub_reads(CAST({_quoted(column)} AS BLOB), 1)"]
        case String():
            return [f"NOT lovhub_reads(CAST({_quoted(column)} AS BLOB), 0)"]
    return []


def _teach(connection: Connection) -> None:
    if "lovhub_reads" in connection.info:
        return  # SQLite takes no second one of this name while anything else is being read
    connection.info["lovhub_reads"] = True
    driver: Any = connection.connection.driver_connection
    driver.create_function("lovhub_reads", 2, _reads, deterministic=True)


def _reads(value: bytes | None, is_json: int) -> bool:
    """Whether the program can read this text."""
    try:
        text = "" if value is None else value.decode()
        if is_json and value is not None:
            msgspec.json.decode(text)
    except (UnicodeDecodeError, msgspec.MsgspecError, RecursionError):
        return False
    return True


def legible(key: bytes | None) -> str:
    """The beginning of a text that may be none, with what cannot be shown told by its number."""
    words = (key or b"")[:_LONGEST_KEY].decode(errors="backslashreplace")
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in words)


def _quoted(column: Column[Any]) -> str:
    return f'"{column.name}"'
