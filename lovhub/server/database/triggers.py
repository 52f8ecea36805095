"""History that cannot be edited: the database itself refuses, whoever asks.

Declared here, created by migrations, and compared with the live database by a test, since a migration that
rebuilds a table on SQLite drops its triggers without a word.
"""

from collections.abc import Sequence

APPEND_ONLY_TABLES = (
    "ledger_posting", "ledger_transfer", "ledger_block", "ledger_seal", "desk_posting", "good_sale", "event",
    "journal_block", "payment_step", "provider_event", "promo_use",
    "standing",
)  # fmt: skip
"""Rows are only ever added to these; of `event` some kinds may go when they are old (`retention/`), none is changed."""

FROZEN_TABLES = ("ledger_account",)
"""Rows are added and never changed or removed either; what moves is in `account_balance`."""


def trigger_names() -> set[str]:
    """The names of all triggers that must exist."""
    return {
        f"{table}_no_{operation}"
        for table in (*APPEND_ONLY_TABLES, *FROZEN_TABLES)
        for operation in ("update", "delete")
    }


def create_statements(dialect: str, tables: tuple[str, ...]) -> list[str]:
    """SQL that creates the triggers of `tables` on `sqlite` or `postgresql`.

    A migration names its tables itself: it must go on doing what it did when the tuples above have grown.
    """
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{operation} BEFORE {operation.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for table in tables
            for operation in ("update", "delete")
        ]
    return [
        _POSTGRES_FUNCTION,
        *(
            f"CREATE TRIGGER {table}_no_{operation} BEFORE {operation.upper()} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION lovhub_refuse_change()"
            for table in tables
            for operation in ("update", "delete")
        ),
    ]


def nothing_but_its_seal_changes(dialect: str, table: str, columns: Sequence[str]) -> list[str]:
    """SQL in place of the trigger that lets nothing of a row be changed: its seal (`row_seals.py`) may be written."""
    listed = ", ".join(columns)
    name = f"{table}_no_update"
    if dialect == "sqlite":
        drop = f"DROP TRIGGER {name}"
        how = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    else:
        drop = f"DROP TRIGGER {name} ON {table}"
        how = "FOR EACH STATEMENT EXECUTE FUNCTION lovhub_refuse_change()"
    return [drop, f"CREATE TRIGGER {name} BEFORE UPDATE OF {listed} ON {table} {how}"]


def only_these_events_go(dialect: str, kinds: tuple[str, ...]) -> list[str]:
    """SQL that lets events of these kinds be removed, and no others: in place of the trigger that lets none go."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    if dialect == "sqlite":
        drop = "DROP TRIGGER event_no_delete"
        how = f"WHEN OLD.kind NOT IN ({listed}) BEGIN SELECT RAISE(ABORT, 'event is append-only'); END"
    else:
        drop = "DROP TRIGGER event_no_delete ON event"
        how = f"FOR EACH ROW WHEN (OLD.kind NOT IN ({listed})) EXECUTE FUNCTION lovhub_refuse_change()"
    return [drop, f"CREATE TRIGGER event_no_delete BEFORE DELETE ON event {how}"]


_POSTGRES_FUNCTION = (
    "CREATE OR REPLACE FUNCTION lovhub_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation'; END $$"
)
