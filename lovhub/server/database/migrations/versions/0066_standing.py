"""How prices, rights and settings stand is told beside the log; as they are now, they are taken for what they are.

Events that go after a time are chained from here on: of those before, some may be old, and soon gone.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from lovhub.server.database import tables
from lovhub.server.database.triggers import create_statements
from lovhub.server.journal import sealing, standing
from lovhub.server.journal.taking_up import take_up

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TAKEN = (
    "application", "application_zone", "bonus_rules", "bonus_step", "club", "computer", "customer_group", "good",
    "hall", "holiday", "pairing_token", "promo", "promo_code", "recovery_code", "staff", "tariff", "tariff_group",
    "tariff_zone", "zone",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "standing",
        sa.Column("id", BIG, nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("told", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="fk_standing_event_id_event"),
        sa.PrimaryKeyConstraint("id", name="pk_standing"),
    )
    for statement in create_statements(op.get_bind().dialect.name, ("standing",)):
        op.execute(sa.DDL(statement.replace("%", "%%")))
    connection = op.get_bind()
    lines: list[dict[str, Any]] = []
    for name in TAKEN:
        table = tables.Base.metadata.tables[name]
        rows = connection.execute(sa.text(f"SELECT * FROM {name}")).mappings()  # noqa: S608 (a name from above)
        lines += (standing.as_it_is(table, dict(row)) for row in rows)
    vouching = take_up(connection, lines)
    if vouching is not None:
        _begin_chains(connection, *vouching)


def _begin_chains(connection: sa.Connection, event_id: int, at: int) -> None:
    block = sa.table(
        "journal_block", *map(sa.column, ("journal", "number", "last_id", "sealed_at", "hash"))
    )
    nothing = sealing.rows_digest([])
    for journal in ("sign_in", "message"):
        hashed = sealing.block_hash(journal, 1, event_id, at, sealing.FIRST_PREVIOUS, nothing)
        first = {
            "journal": journal,
            "number": 1,
            "last_id": event_id,
            "sealed_at": at,
            "hash": hashed,
        }
        connection.execute(block.insert(), [first])
