"""What PCs are made of, and the commands they got.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "pc_hardware",
        sa.Column("computer_id", _INT, nullable=False),
        sa.Column("club_id", _INT, nullable=False),
        sa.Column("changed_at", _INT, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["computer_id"], ["computer.id"], name="fk_pc_hardware_computer_id"
        ),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_pc_hardware_club_id"),
        sa.PrimaryKeyConstraint("computer_id", name="pk_pc_hardware"),
    )
    op.create_table(
        "pc_command",
        sa.Column("id", _INT, nullable=False),
        sa.Column("club_id", _INT, nullable=False),
        sa.Column("computer_id", _INT, nullable=False),
        sa.Column("command_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("sent_at", _INT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answered_at", _INT, nullable=True),
        sa.Column("took_ms", _INT, nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state IN ('sent', 'done', 'failed', 'expired')", name=op.f("ck_pc_command_state")
        ),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_pc_command_club_id"),
        sa.ForeignKeyConstraint(["computer_id"], ["computer.id"], name="fk_pc_command_computer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_pc_command"),
        sa.UniqueConstraint("command_id", name="uq_pc_command_command_id"),
    )
    op.create_index("ix_pc_command_computer", "pc_command", ["computer_id", "id"])
    op.create_index("ix_pc_command_state", "pc_command", ["club_id", "state"])
