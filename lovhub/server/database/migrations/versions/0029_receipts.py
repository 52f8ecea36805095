"""How often receipts were printed."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "receipt_print",
        sa.Column("posting_id", BIG, nullable=False, autoincrement=False),
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("times", BIG, nullable=False),
        sa.CheckConstraint("times >= 0", name=op.f("ck_receipt_print_times_not_negative")),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["ledger_posting.id"], name=op.f("fk_receipt_print_posting_id")
        ),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_receipt_print_club_id")),
        sa.PrimaryKeyConstraint("posting_id", name=op.f("pk_receipt_print")),
    )
