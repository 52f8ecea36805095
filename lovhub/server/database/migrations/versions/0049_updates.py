"""Versions that PCs were offered, and whether they are offered any."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "update_plan",
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_update_plan_club_id"),
        sa.PrimaryKeyConstraint("club_id", name="pk_update_plan"),
    )
    op.create_table(
        "computer_update",
        sa.Column("computer_id", BIG, nullable=False),
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["computer_id"], ["computer.id"], name="fk_computer_update_computer_id"
        ),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_computer_update_club_id"),
        sa.PrimaryKeyConstraint("computer_id", name="pk_computer_update"),
    )
    op.create_index("ix_computer_update_club_id", "computer_update", ["club_id"])
