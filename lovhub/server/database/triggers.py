"""History that cannot be edited: the database itself refuses, whoever asks.

Declared here, created by migrations, and compared with the live database by a test, since a migration that
rebuilds a table on SQLite drops its triggers without a word.
"""

from collections.abc import Sequence

from lovhub.server.database.advisory_locks import BANK_DAYS

APPEND_ONLY_TABLES = (
    "ledger_posting", "ledger_transfer", "ledger_block", "ledger_seal", "desk_posting", "good_sale", "event",
    "journal_block", "payment_step", "provider_event", "promo_use",
    "standing",
)  # fmt: skip
"""Rows are only ever added to these; of `event` some kinds may go when they are old (`retention/`), none is changed."""

FROZEN_TABLES = ("ledger_account",)
"""Rows are added and never changed or removed either; what moves is in `account_balance`."""


FORGETS_BANK_DAYS = {
    "payment": ("club_id", "provider_ref", "paid_tiyn", "paid_at"),
    "payment_refund": ("club_id", "payment_id", "amount_tiyn", "state", "asked_at"),
    "bank_line": ("club_id", "operation", "amount_tiyn", "at"),
}
"""Tables that are compared with the bank, with the columns that are: when they are written, what is kept goes."""


def trigger_names() -> set[str]:
    """The names of all triggers that must exist, but those of seals (`row_seals.py`)."""
    return {
        f"{table}_no_{operation}"
        for table in (*APPEND_ONLY_TABLES, *FROZEN_TABLES)
        for operation in ("update", "delete")
    } | {
        f"{table}_forgets_days_{operation}"
        for table in FORGETS_BANK_DAYS
        for operation in ("insert", "update", "delete")
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


_DAY_OF = "(({at}) + 18000) / 86400 * 86400 - 18000"  # `payments/rules.py`: `kept_day`


def forget_bank_days(dialect: str) -> list[str]:
    """SQL that throws away what is kept of a day's comparison with the bank when something of it is written.

    With it go the days of all other lines of the same operation: what is kept adds up only what is nowhere else. No
    statement can forget to, however it is said.
    """
    statements = [] if dialect == "sqlite" else [_POSTGRES_FORGET]
    for table, columns in FORGETS_BANK_DAYS.items():
        old, new = (_forget_days(dialect, table, row) for row in ("OLD", "NEW"))
        when = {
            "insert": ("INSERT", new),
            "update": (f"UPDATE OF {', '.join(columns)}", old + new),
            "delete": ("DELETE", old),
        }
        for operation, (happens, act) in when.items():
            name = f"{table}_forgets_days_{operation}"
            if dialect == "sqlite":
                statements.append(
                    f"CREATE TRIGGER {name} AFTER {happens} ON {table} BEGIN {act}END"
                )
                continue
            function = f"lovhub_{name}()"
            statements += [
                (
                    f"CREATE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql AS"
                    f" $$ BEGIN {act}RETURN NULL; END $$"
                ),
                (
                    f"CREATE TRIGGER {name} AFTER {happens} ON {table}"
                    f" FOR EACH ROW EXECUTE FUNCTION {function}"
                ),
            ]
    return statements


def _forget_days(dialect: str, table: str, row: str) -> str:
    """Forget the day of this row, and those of its operation's other lines."""
    club = f"{row}.club_id"
    at, operation = {
        "payment": (f"{row}.paid_at", f"{row}.provider_ref"),
        "payment_refund": (
            f"{row}.asked_at",
            f"(SELECT provider_ref FROM payment WHERE id = {row}.payment_id)",  # noqa: S608 (names of ours)
        ),
        "bank_line": (f"{row}.at", f"{row}.operation"),
    }[table]
    if dialect == "postgresql":
        return f"PERFORM lovhub_forget_bank_days({club}, {operation}, {at}); "
    return f"{_forgotten(club, operation, at)}; "


def _forgotten(club: str, operation: str, at: str) -> str:
    days = [_DAY_OF.format(at=at)]
    for moment, lines in (
        ("at", "bank_line WHERE club_id = {club} AND operation = {operation}"),
        (
            "paid_at",
            # By its number: with the time of paying asked for at once, SQLite would go through all of a club's payments
            # in the index that they are compared by.
            (
                "payment WHERE id IN"
                " (SELECT id FROM payment WHERE club_id = {club} AND provider_ref = {operation})"
            ),
        ),
        (
            "r.asked_at",
            (
                "payment p JOIN payment_refund r ON r.payment_id = p.id"
                " WHERE p.club_id = {club} AND p.provider_ref = {operation}"
            ),
        ),
    ):
        which = lines.format(club=club, operation=operation)
        days.append(f"{_DAY_OF.format(at=moment)} FROM {which} AND {operation} <> ''")
    listed = " UNION ALL ".join(f"SELECT {one}" for one in days)
    return f"DELETE FROM bank_day WHERE club_id = {club} AND day_at IN ({listed})"  # noqa: S608 (names of ours)


_POSTGRES_FORGET = (
    "CREATE FUNCTION lovhub_forget_bank_days(of_club bigint, of_operation text, of_at bigint) RETURNS void"
    " LANGUAGE plpgsql AS $$ BEGIN"
    f" PERFORM pg_advisory_xact_lock_shared({BANK_DAYS}, of_club::int);"
    f" {_forgotten('of_club', 'of_operation', 'of_at')}; END $$"
)
_POSTGRES_FUNCTION = (
    "CREATE OR REPLACE FUNCTION lovhub_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation'; END $$"
)
