"""Closed days are kept once more, fourteen added up, and when sittings began and ended is read from one index."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "closed_fortnight",
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("from_at", BIG, nullable=False),
        sa.Column("sums", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_closed_fortnight_club_id"),
        sa.PrimaryKeyConstraint("club_id", "from_at", name="pk_closed_fortnight"),
    )
    op.drop_index("ix_play_session_started", "play_session")
    op.create_index(
        "ix_play_session_started", "play_session", ["club_id", "started_at", "ended_at"]
    )
