"""What the comparison with the bank found in days that are over is kept, until something of such a day is written."""

import sqlalchemy as sa
from alembic import op

from lovhub.server.database import row_seals
from lovhub.server.database.triggers import forget_bank_days

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None


BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SEALED = {
    "bank_day": ("club_id", "day_at", "ours_tiyn", "theirs_tiyn", "matched"),
    "bank_day_operation": (
        "club_id", "day_at", "operation", "went", "ours_tiyn", "theirs_tiyn", "our_at", "their_at", "payment_id",
    ),
}  # fmt: skip


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.create_table(
        "bank_day",
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("day_at", BIG, nullable=False),
        sa.Column("ours_tiyn", BIG, nullable=False),
        sa.Column("theirs_tiyn", BIG, nullable=False),
        sa.Column("matched", BIG, nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_bank_day_club_id"),
        sa.PrimaryKeyConstraint("club_id", "day_at", name="pk_bank_day"),
    )
    op.create_table(
        "bank_day_operation",
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("day_at", BIG, nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("went", BIG, nullable=False),
        sa.Column("ours_tiyn", BIG, nullable=False),
        sa.Column("theirs_tiyn", BIG, nullable=False),
        sa.Column("our_at", BIG, nullable=True),
        sa.Column("their_at", BIG, nullable=True),
        sa.Column("payment_id", BIG, nullable=True),
        sa.Column("row_seal", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["club_id", "day_at"],
            ["bank_day.club_id", "bank_day.day_at"],
            name="fk_bank_day_operation_club_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "club_id", "day_at", "operation", "went", name="pk_bank_day_operation"
        ),
    )
    for table, columns in SEALED.items():
        for statement in row_seals.create_statements(dialect, table, columns):
            op.execute(statement)
    for statement in forget_bank_days(dialect):
        op.execute(statement)
