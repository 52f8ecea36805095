"""The chain of sealed blocks over the ledger.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from lovhub.server.database.triggers import create_statements

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add it; what is in the books already is sealed at the next start."""
    op.create_table(
        "ledger_block",
        sa.Column("id", _INT, nullable=False),
        sa.Column("club_id", _INT, nullable=False),
        sa.Column("number", _INT, nullable=False),
        sa.Column("sealed_at", _INT, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_ledger_block_club_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_block"),
        sa.UniqueConstraint("club_id", "number", name="uq_ledger_block_club_id_number"),
    )
    op.create_table(
        "ledger_seal",
        sa.Column("posting_id", _INT, autoincrement=False, nullable=False),
        sa.Column("block_id", _INT, nullable=False),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["ledger_posting.id"], name="fk_ledger_seal_posting_id"
        ),
        sa.ForeignKeyConstraint(["block_id"], ["ledger_block.id"], name="fk_ledger_seal_block_id"),
        sa.PrimaryKeyConstraint("posting_id", name="pk_ledger_seal"),
    )
    op.create_index("ix_ledger_seal_block_id", "ledger_seal", ["block_id"])
    for statement in create_statements(op.get_bind().dialect.name, ("ledger_block", "ledger_seal")):
        op.execute(sa.DDL(statement.replace("%", "%%")))
