"""The whole move, in one transaction of PostgreSQL: the club is there to the last row, or nothing is.

The SQLite file is only read. Whatever ends the move before the commit, be it the power, leaves PostgreSQL empty. What
ends it between the commit and the server's settings leaves the club there; the next move finds it whole, and goes on.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, Table, func, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from lovhub.server.actor import SYSTEM
from lovhub.server.club.models import Club
from lovhub.server.context import Links, Work
from lovhub.server.database import row_seals
from lovhub.server.database.base import Base
from lovhub.server.database.engine import Database
from lovhub.server.database.migrate import VERSION_TABLE, current_revision, upgrade
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Event
from lovhub.server.ledger import misfits
from lovhub.server.ledger.check import check_ledger
from lovhub.server.relocation import target
from lovhub.server.relocation.copying import EVERY, Fingerprint, copy_table, count, fingerprint
from lovhub.server.relocation.errors import RelocationRefused

Tell = Callable[[str, str, int, int], None]
"""Called with a stage (`copying`, `tying`, `comparing`, `books`, `arrived`), a table, rows done and rows in all."""

RELOCATED = "club.relocated"
"""The event that a move adds to what it has carried."""

_CODES = {"53100": "target_full", "42501": "target_rights"}


def relocate(source: Database, to: Database, tell: Tell) -> tuple[int, int]:
    """Carry the club to the empty database `to`; returns the numbers of rows and of differences in its books.

    Where all of it is already, and nothing else, it is only compared. Raises RelocationRefused; then `to` is as it was.
    """
    with source.read() as old:
        club_id = old.scalar(select(Club.id).order_by(Club.id).limit(1))
        if club_id is None:
            raise RelocationRefused("no_club")
        tables = _tables(old.connection())
        tell("books", "", 0, 0)
        flaws = check_ledger(old)
        if misfits.are_among(flaws):
            raise RelocationRefused("misfits")
        with _transaction(to) as new:
            target.take(new.connection())
            is_there = target.holds_anything(new.connection())
            if is_there:
                carried = _found_there(old.connection(), new.connection(), tables, tell)
            else:
                upgrade(new.connection())
                carried = _copy(old.connection(), new.connection(), tables, tell)
                for table, keys in row_seals.odd(old):
                    row_seals.break_seals(new.connection(), table, keys)
                _compare(new.connection(), tables, carried, tell)
            tell("books", "", 0, 0)
            if set(check_ledger(new)) != set(flaws):
                raise RelocationRefused("books_differ")
            rows = sum(print_.rows for print_ in carried.values())
            if is_there:
                return rows, len(flaws)
            work = Work(db=new, now=int(time.time()), club_id=club_id, links=Links())
            journal.record(work, RELOCATED, SYSTEM, rows=rows)
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


def _found_there(
    old: Connection, new: Connection, tables: list[Table], tell: Tell
) -> dict[str, Fingerprint]:
    """What an earlier move has brought whole, and nobody has worked on since; refused where it is anything else."""
    ours = {VERSION_TABLE, *(table.name for table in tables)}
    if set(inspect(new).get_table_names()) != ours or current_revision(new) != current_revision(
        old
    ):
        raise RelocationRefused("target_not_empty")
    tell("arrived", "", 0, 0)
    noted = select(func.max(Event.id)).where(Event.kind == RELOCATED).scalar_subquery()
    without_the_note = {Event.__tablename__: Event.id != noted}
    there = {}
    for table in tables:
        of_the_move = without_the_note.get(table.name, EVERY)
        rows = count(new, table, of_the_move)

        def tell_rows(done: int, table: Table = table, total: int = rows) -> None:
            tell("arrived", table.name, done, total)

        # Counting first: what is another club is told so at once.
        if rows != count(old, table) or fingerprint(
            new, table, tell_rows, of_the_move
        ) != fingerprint(old, table, tell_rows):
            raise RelocationRefused("target_not_empty")
        there[table.name] = Fingerprint(rows)
    return there


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
