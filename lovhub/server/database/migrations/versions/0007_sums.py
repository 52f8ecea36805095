"""Sums of the ledger by quarters of an hour, and lots with time left."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "money_flow",
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("quarter_at", BIG, nullable=False),
        sa.Column("debit_kind", sa.String(), nullable=False),
        sa.Column("credit_kind", sa.String(), nullable=False),
        sa.Column("amount_tiyn", BIG, nullable=False),
        sa.CheckConstraint("amount_tiyn > 0", name=op.f("ck_money_flow_amount_positive")),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_money_flow_club_id")),
        sa.PrimaryKeyConstraint(
            "club_id", "quarter_at", "debit_kind", "credit_kind", name=op.f("pk_money_flow")
        ),
    )
    op.create_table(
        "summed_until",
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("until_at", BIG, nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_summed_until_club_id")),
        sa.PrimaryKeyConstraint("club_id", name=op.f("pk_summed_until")),
    )
    op.create_index(
        "ix_lot_with_time",
        "lot",
        ["club_id"],
        unique=False,
        sqlite_where=sa.text("exhausted = 0"),
        postgresql_where=sa.text("NOT exhausted"),
    )
