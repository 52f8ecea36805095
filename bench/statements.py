"""What an operation says to the database, to be said again by the bare driver."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import make_url

from lovhub.server.database.engine import LONGEST_LOG_PAGES, Database
from lovhub.server.database.row_seals import trigger_names
from lovhub.server.database.sealed_tables import SEALED


@dataclass(frozen=True)
class Statement:
    """One statement with its values; `is_many`: with a list of them."""

    text: str
    values: Any
    is_many: bool

    @property
    def writes(self) -> bool:
        """Whether it changes rows, or begins or ends a transaction."""
        return not self.text.lstrip().upper().startswith("SELECT")


Transaction = tuple[Statement, ...]


@contextmanager
def recorded(database: Database) -> Iterator[list[Transaction]]:
    """The transactions that are committed meanwhile; those that wrote nothing are left out."""
    said: list[Statement] = []
    transactions: list[Transaction] = []

    def say(_c: Any, _cursor: Any, text: str, values: Any, _context: Any, is_many: bool) -> None:  # noqa: FBT001
        said.append(Statement(text, values, is_many))

    def commit(_connection: Any) -> None:
        transactions.append(tuple(said))
        said.clear()

    def roll_back(_connection: Any) -> None:
        said.clear()

    heard: list[tuple[str, Callable[..., None]]] = [
        ("before_cursor_execute", say),
        ("commit", commit),
        ("rollback", roll_back),
    ]
    for name, listener in heard:
        event.listen(database.engine, name, listener)
    try:
        yield transactions
    finally:
        for name, listener in heard:
            event.remove(database.engine, name, listener)


class Raw(Protocol):
    """A connection of the bare driver."""

    def say(self, transaction: Transaction) -> None:
        """Say all of it again, and commit."""
        ...

    def ask(self, text: str, values: Sequence[object]) -> None:
        """Read something."""
        ...


class _RawSqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._cursor = connection.cursor()

    def say(self, transaction: Transaction) -> None:
        for statement in transaction:
            _execute(self._cursor, statement)
        self._cursor.execute("COMMIT")

    def ask(self, text: str, values: Sequence[object]) -> None:
        self._cursor.execute(text, values)
        self._cursor.fetchall()


class _RawPostgres:
    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection
        self._cursor = connection.cursor()

    def say(self, transaction: Transaction) -> None:
        for statement in transaction:
            _execute(self._cursor, statement)
        self._connection.commit()

    def ask(self, text: str, values: Sequence[object]) -> None:
        self._cursor.execute(text, values)
        self._cursor.fetchall()


def _execute(cursor: Any, statement: Statement) -> None:
    if statement.is_many:
        cursor.executemany(statement.text, statement.values)
    else:
        cursor.execute(statement.text, statement.values)
        if cursor.description is not None:
            cursor.fetchall()


@contextmanager
def raw(url: str) -> Iterator[Raw]:
    """The bare driver, as durable as ours; it seals no row."""
    place = make_url(url)
    if place.get_backend_name() == "sqlite":
        path = Path(str(place.database))
        with closing(sqlite3.connect(path, isolation_level=None)) as file:
            for pragma in (
                "journal_mode = WAL",
                "synchronous = FULL",
                "foreign_keys = ON",
                f"wal_autocheckpoint = {LONGEST_LOG_PAGES}",
            ):
                file.execute(f"PRAGMA {pragma}")
            for name in trigger_names("sqlite"):
                file.execute(f"DROP TRIGGER IF EXISTS {name}")
            yield _RawSqlite(file)
    else:
        with psycopg.connect(
            host=str(place.query["host"]), user=place.username, dbname=place.database
        ) as served:
            for table in SEALED:
                served.execute(f"DROP TRIGGER IF EXISTS {table}_sealed ON {table}".encode())
            served.commit()
            yield _RawPostgres(served)


def only_writing(transactions: Sequence[Transaction]) -> list[Transaction]:
    """The same transactions without what they only asked."""
    kept = [tuple(one for one in said if one.writes) for said in transactions]
    return [said for said in kept if any(not _is_begin(one) for one in said)]


def _is_begin(statement: Statement) -> bool:
    return statement.text.startswith("BEGIN")
