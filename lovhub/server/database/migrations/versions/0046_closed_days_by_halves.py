"""Closed days are kept in hours and in quarters of them, of which a report reads one, and money by what it means.

They are copies, and are made again, some each ten seconds; until then reports read the rows themselves.
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.drop_table("closed_day")
    op.create_table(
        "closed_day",
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("day_at", BIG, nullable=False),
        sa.Column("hours", sa.LargeBinary(), nullable=False),
        sa.Column("quarters", sa.LargeBinary(), nullable=False),
        sa.Column("programs", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_closed_day_club_id"),
        sa.PrimaryKeyConstraint("club_id", "day_at", name="pk_closed_day"),
    )
