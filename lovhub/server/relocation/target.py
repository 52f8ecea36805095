"""The empty PostgreSQL that a club is carried to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, func, select, text

from lovhub.server.relocation.errors import RelocationRefused

LOCK = 0x4C6F5648
"""The name of «a club is being carried to this database»."""

_ANYTHING = text(
    """
    SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
      AND NOT EXISTS (
        SELECT FROM pg_depend
        WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
      )
    """
)
"""Tables and the like in whatever schema, but those of extensions: a database may come with some."""

_FOREIGN_KEYS = text(
    """
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
      format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
    ORDER BY conrelid, conname
    """
)
_FORGETTING = text(
    """
    SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname),
      format('ALTER TABLE %s ENABLE TRIGGER %I', tgrelid::regclass, tgname)
    FROM pg_trigger WHERE tgname LIKE '%\\_forgets\\_days\\_insert' ORDER BY tgname
    """
)
"""What throws kept days away (`database/triggers.py`): those that are carried hold for the lines that are carried."""
_INDEXES = text(
    """
    SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relnamespace = current_schema()::regnamespace
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    ORDER BY indexrelid
    """
)


def take(connection: Connection) -> None:
    """See that a club can be carried here, and that nobody else does; raises RelocationRefused."""
    for setting in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {setting} = 0"))
    if connection.scalar(text("SHOW server_encoding")) != "UTF8":
        raise RelocationRefused("target_encoding")
    if not connection.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
        raise RelocationRefused("target_taken")


def holds_anything(connection: Connection) -> bool:
    """Whether there is anything but what extensions have brought."""
    return bool(connection.scalar(_ANYTHING))


@contextmanager
def without_ties(connection: Connection) -> Iterator[None]:
    """Foreign keys and indexes are taken away and made anew at the end, which sees all rows at once.

    A reference may lead to a row that comes later; and looking up each row by itself takes many times as long. Nor is
    anything thrown away for what is carried after it.
    """
    keys = connection.execute(_FOREIGN_KEYS).all()
    indexes = connection.execute(_INDEXES).all()
    forgetting = connection.execute(_FORGETTING).all()
    driver: Any = (
        connection.connection.driver_connection
    )  # what PostgreSQL has worded goes back as it is
    for drop, _make in (*keys, *indexes, *forgetting):
        driver.execute(drop)
    yield
    for _drop, make in (*indexes, *keys, *forgetting):
        driver.execute(make)


def set_sequence(connection: Connection, table: Table) -> None:
    """The next new row of the table gets a number that no row has."""
    for column in table.columns:
        sequence = connection.scalar(
            select(func.pg_get_serial_sequence(func.quote_ident(table.name), column.name))
        )
        if sequence is None:
            continue
        last = connection.scalar(select(func.max(column)))
        if last is not None:
            connection.execute(select(func.setval(sequence, last)))
