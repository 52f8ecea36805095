"""PCs that were on without their agent, and whether the owner wants to be told of them."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "without_agent",
        sa.Column("id", BIG, nullable=False),
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("computer_id", BIG, nullable=False),
        sa.Column("began_at", BIG, nullable=False),
        sa.Column("seen_at", BIG, nullable=False),
        sa.Column("ended_at", BIG, nullable=True),
        sa.CheckConstraint("seen_at >= began_at", name=op.f("ck_without_agent_in_order")),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_without_agent_club_id")),
        sa.ForeignKeyConstraint(
            ["computer_id"], ["computer.id"], name=op.f("fk_without_agent_computer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_without_agent")),
    )
    op.create_index(
        "uq_without_agent_open_computer",
        "without_agent",
        ["computer_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_without_agent_club", "without_agent", ["club_id", "began_at"])
    op.add_column(
        "club",
        sa.Column("tells_without_agent", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
