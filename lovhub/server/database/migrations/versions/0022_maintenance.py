"""PCs that a technician opens without a customer."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "maintenance",
        sa.Column("id", BIG, nullable=False),
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("computer_id", BIG, nullable=False),
        sa.Column("begun_by", BIG, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("begun_at", BIG, nullable=False),
        sa.Column("until_at", BIG, nullable=False),
        sa.Column("ended_at", BIG, nullable=True),
        sa.CheckConstraint("until_at > begun_at", name=op.f("ck_maintenance_has_an_end")),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_maintenance_club_id")),
        sa.ForeignKeyConstraint(
            ["computer_id"], ["computer.id"], name=op.f("fk_maintenance_computer_id")
        ),
        sa.ForeignKeyConstraint(["begun_by"], ["staff.id"], name=op.f("fk_maintenance_begun_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenance")),
    )
    op.create_index(
        "uq_maintenance_open_computer",
        "maintenance",
        ["computer_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_maintenance_computer", "maintenance", ["computer_id", "id"])
