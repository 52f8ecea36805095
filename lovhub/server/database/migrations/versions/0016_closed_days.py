"""Days that are over, summed up for reports."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "closed_day",
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("day_at", BIG, nullable=False),
        sa.Column("sums", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_closed_day_club_id")),
        sa.PrimaryKeyConstraint("club_id", "day_at", name=op.f("pk_closed_day")),
    )
