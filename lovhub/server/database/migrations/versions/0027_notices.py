"""Messages to the owner, and where they go."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "notice_target",
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("telegram", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_notice_target_club_id")),
        sa.PrimaryKeyConstraint("club_id", name=op.f("pk_notice_target")),
    )
    op.create_table(
        "notice",
        sa.Column("id", BIG, nullable=False),
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("shift_id", BIG, nullable=True),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("due_at", BIG, nullable=False),
        sa.Column("attempts", BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ended_at", BIG, nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'given_up')", name=op.f("ck_notice_state")
        ),
        sa.CheckConstraint("way IN ('email', 'telegram')", name=op.f("ck_notice_way")),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_notice_club_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_notice_shift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_state", "notice", ["club_id", "state", "due_at"])
