"""Days of the books, each cut by itself: a year of one is read without the others."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # A copy of the ledger, which the server makes again.
    op.drop_table("book_day")
    op.create_table(
        "book_day",
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("cut", sa.String(), nullable=False),
        sa.Column("day_at", BIG, nullable=False),
        sa.Column("hours", sa.LargeBinary(), nullable=False),
        sa.Column("quarters", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_book_day_club_id")),
        sa.PrimaryKeyConstraint("club_id", "cut", "day_at", name=op.f("pk_book_day")),
    )
