"""Where the rows of a filled club are written: a SQLite file, or PostgreSQL.

Indexes are laid aside meanwhile: made at the end, they cost a fraction.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, Protocol

import psycopg
from psycopg import sql
from sqlalchemy import text

from lovhub.server.database.base import Base
from lovhub.server.database.engine import Database
from lovhub.server.relocation import target

Row = tuple[Any, ...]


class Store(Protocol):
    """What takes rows, and changes those that the founding has made."""

    def insert(self, table: str, names: Sequence[str], rows: Iterable[Row]) -> None:
        """Write these rows at once."""

    def change(self, statement: str, *values: Any) -> None:
        """Say a statement, with a `?` for each value."""


class SqliteStore:
    """A file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def insert(self, table: str, names: Sequence[str], rows: Iterable[Row]) -> None:
        """Write these rows at once."""
        places = ", ".join("?" * len(names))
        self._connection.executemany(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})",  # noqa: S608
            rows,
        )

    def change(self, statement: str, *values: Any) -> None:
        """Say a statement, with a `?` for each value."""
        self._connection.execute(statement, values)


class PostgresStore:
    """A database of PostgreSQL; yes and no come as 1 and 0, which its COPY takes for that."""

    def __init__(self, driver: "psycopg.Connection[Row]") -> None:
        self._driver = driver

    def insert(self, table: str, names: Sequence[str], rows: Iterable[Row]) -> None:
        """Write these rows at once."""
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
        )
        with self._driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def change(self, statement: str, *values: Any) -> None:
        """Say a statement, with a `?` for each value."""
        self._driver.execute(statement.replace("?", "%s").encode(), values)


@contextmanager
def store(database: Database) -> Iterator[Store]:
    """Of a migrated database that nobody else uses meanwhile; afterwards all is in it."""
    database.close()
    with _sqlite(database) if database.is_sqlite else _postgresql(database) as writing:
        yield writing


@contextmanager
def _sqlite(database: Database) -> Iterator[Store]:
    with closing(sqlite3.connect(str(database.engine.url.database))) as connection:
        database.seal_key.teach_sqlite(connection)
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -200000")
        connection.execute("PRAGMA temp_store = MEMORY")
        # With the indexes those triggers that look rows up by them: without, each row would go through all others.
        aside = connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
            " AND (type = 'index' OR name LIKE '%_forgets_days_insert') ORDER BY type"
        ).fetchall()
        for kind, name, _made_by in aside:
            connection.execute(f"DROP {kind} {name}")
        yield SqliteStore(connection)
        for _kind, _name, made_by in aside:
            connection.execute(made_by)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def _postgresql(database: Database) -> Iterator[Store]:
    with database.engine.begin() as connection:
        connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        with target.without_ties(connection):
            driver: Any = connection.connection.driver_connection
            yield PostgresStore(driver)
            for table in Base.metadata.sorted_tables:
                target.set_sequence(connection, table)
    # As its own vacuum would have done by the time that so much has gathered.
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
