"""Rows from one database to the other, and a fingerprint of what was carried.

The fingerprint of a table does not depend on the order in which its rows come: the databases sort texts differently.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import sql
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    cast,
    func,
    select,
    true,
)

from lovhub.server.database.sealed_tables import ROW_SEAL

AT_ONCE = 5_000
EVERY = true()
_ROUND = 1 << 128

Progress = Callable[[int], None]
"""Called now and then with the number of rows that are done."""


@dataclass(frozen=True)
class Fingerprint:
    """So many rows, and the sum of their hashes."""

    rows: int = 0
    total: int = 0


def copy_table(source: Connection, target: Connection, table: Table, tell: Progress) -> Fingerprint:
    """Carry all rows of a table; returns the fingerprint of what was read. Raises psycopg.Error."""
    driver: Any = target.connection.driver_connection
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name),
        sql.SQL(", ").join(sql.Identifier(column.name) for column in _carried(table)),
    )
    read = _Reading()
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for rows in _rows(source, table):
            for row in rows:
                read.add(row)
                copy.write_row(row)
            tell(read.rows)
    return read.fingerprint()


def fingerprint(
    connection: Connection, table: Table, tell: Progress, which: ColumnElement[bool] = EVERY
) -> Fingerprint:
    """Read all rows of a table, or those of `which`."""
    read = _Reading()
    for rows in _rows(connection, table, which):
        for row in rows:
            read.add(row)
        tell(read.rows)
    return read.fingerprint()


def count(connection: Connection, table: Table, which: ColumnElement[bool] = EVERY) -> int:
    """How many rows it has, or of `which`."""
    return connection.scalars(select(func.count()).select_from(table).where(which)).one()


class _Reading:
    def __init__(self) -> None:
        self.rows = 0
        self._total = 0

    def add(self, row: tuple[Any, ...]) -> None:
        self.rows += 1
        digest = hashlib.blake2b(repr(row).encode(), digest_size=16).digest()
        self._total += int.from_bytes(digest)

    def fingerprint(self) -> Fingerprint:
        return Fingerprint(self.rows, self._total % _ROUND)


def _rows(
    connection: Connection, table: Table, which: ColumnElement[bool] = EVERY
) -> Iterator[list[tuple[Any, ...]]]:
    result = connection.execute(
        _all_of(table).where(which), execution_options={"yield_per": AT_ONCE}
    )
    for rows in result.partitions():
        yield [tuple(row) for row in rows]


def _carried(table: Table) -> list[Column[Any]]:
    """All columns but the seal, which the new database writes itself."""
    return [column for column in table.columns if column.name != ROW_SEAL]


def _all_of(table: Table) -> Select[Any]:
    """JSON as the text that it is kept as: what is read as a value may be written down in another way."""
    return select(
        *(
            cast(column, Text) if isinstance(column.type, JSON) else column
            for column in _carried(table)
        )
    )
