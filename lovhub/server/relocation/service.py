"""The whole move, in one transaction of PostgreSQL: the club is there to the last row, or nothing is.

The SQLite file is only read. Whatever ends the move before the commit, be it the power, leaves PostgreSQL empty.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, Table, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from lovhub.server.actor import SYSTEM
from lovhub.server.club.models import Club
from lovhub.server.context import Links, Work
from lovhub.server.database.base import Base
from lovhub.server.database.engine import Database
from lovhub.server.database.migrate import VERSION_TABLE, upgrade
from lovhub.server.journal import service as journal
from lovhub.server.ledger.check import check_ledger
from lovhub.server.relocation import target
from lovhub.server.relocation.copying import Fingerprint, copy_table, count, fingerprint
from lovhub.server.relocation.errors import RelocationRefused

Tell = Callable[[str, str, int, int], None]
"""Called with a stage (`copying`, `tying`, `comparing`, `books`), a table, rows done and rows in all."""

_CODES = {"53100": "target_full", "42501": "target_rights"}


def relocate(source: Database, to: Database, tell: Tell) -> tuple[int, int]:
    """Carry the club to the empty database `to`; returns the numbers of rows and of differences in its books.

    Raises RelocationRefused; then `to` is as it was.
    """
    with source.read() as old:
        club_id = old.scalar(select(Club.id).order_by(Club.id).limit(1))
        if club_id is None:
            raise RelocationRefused("no_club")
        tables = _tables(old.connection())
        tell("books", "", 0, 0)
        flaws = check_ledger(old)
        with _transaction(to) as new:
            target.take(new.connection())
            upgrade(new.connection())
            carried = _copy(old.connection(), new.connection(), tables, tell)
            _compare(new.connection(), tables, carried, tell)
            tell("books", "", 0, 0)
            if set(check_ledger(new)) != set(flaws):
                raise RelocationRefused("books_differ")
            rows = sum(print_.rows for print_ in carried.values())
            work = Work(db=new, now=int(time.time()), club_id=club_id, links=Links())
            journal.record(work, "club.relocated", SYSTEM, rows=rows)
            work.finish()
    return rows, len(flaws)


def _tables(connection: Connection) -> list[Table]:
    """Our tables; a file that holds others is not carried without them."""
    tables = Base.metadata.sorted_tables
    there = set(inspect(connection).get_table_names()) - {VERSION_TABLE}
    unknown = there ^ {table.name for table in tables}
    if unknown:
        raise RelocationRefused("unknown_table", table=min(unknown))
    return tables


def _copy(
    old: Connection, new: Connection, tables: list[Table], tell: Tell
) -> dict[str, Fingerprint]:
    carried = {}
    with target.without_ties(new):
        for table in tables:
            total = count(old, table)

            def tell_rows(done: int, table: Table = table, total: int = total) -> None:
                tell("copying", table.name, done, total)

            try:
                carried[table.name] = copy_table(old, new, table, tell_rows)
            except (psycopg.DataError, psycopg.IntegrityError) as error:
                reason = error.diag.message_primary or type(error).__name__
                raise RelocationRefused("row_refused", table=table.name, reason=reason) from error
            target.set_sequence(new, table)
        tell("tying", "", 0, 0)
    new.exec_driver_sql("ANALYZE")
    return carried


def _compare(
    new: Connection, tables: list[Table], carried: dict[str, Fingerprint], tell: Tell
) -> None:
    for table in tables:
        total = carried[table.name].rows

        def tell_rows(done: int, table: Table = table, total: int = total) -> None:
            tell("comparing", table.name, done, total)

        if fingerprint(new, table, tell_rows) != carried[table.name]:
            raise RelocationRefused("rows_differ", table=table.name)


@contextmanager
def _transaction(to: Database) -> Iterator[Session]:
    """What goes wrong on the side of PostgreSQL, in our words."""
    try:
        with to.write() as session:
            yield session
    except (DBAPIError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if not isinstance(cause, psycopg.Error):
            raise  # of the file that is read
        if cause.sqlstate is None and isinstance(cause, psycopg.OperationalError):
            raise RelocationRefused("target_unreachable") from error
        # Only the first line of the message: the others may hold values of the club's rows.
        reason = cause.diag.message_primary or type(cause).__name__
        raise RelocationRefused(
            _CODES.get(cause.sqlstate or "", "target_failed"), reason=reason
        ) from error
