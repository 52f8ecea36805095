"""Codes with which technicians open PCs that have no link."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("club", sa.Column("upkeep_generation", BIG, nullable=False, server_default="0"))
    op.create_table(
        "maintenance_code",
        sa.Column("id", BIG, nullable=False),
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("computer_id", BIG, nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("lock_number", sa.String(), nullable=False),
        sa.Column("minutes", BIG, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("given_at", BIG, nullable=False),
        sa.Column("used_at", BIG, nullable=True),
        sa.Column("maintenance_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_maintenance_code_club_id")),
        sa.ForeignKeyConstraint(
            ["computer_id"], ["computer.id"], name=op.f("fk_maintenance_code_computer_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_maintenance_code_staff_id")
        ),
        sa.ForeignKeyConstraint(
            ["maintenance_id"], ["maintenance.id"], name=op.f("fk_maintenance_code_maintenance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenance_code")),
    )
    op.create_index(
        "ix_maintenance_code_computer", "maintenance_code", ["computer_id", "lock_number"]
    )
    op.create_index(
        op.f("ix_maintenance_code_maintenance_id"), "maintenance_code", ["maintenance_id"]
    )
