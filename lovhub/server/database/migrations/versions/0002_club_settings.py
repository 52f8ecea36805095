"""What an owner may set: the working day, backups, warnings. And which rows are there for show only."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

NUMBERS = {
    "day_starts_at": 8 * 3600,
    "backup_at": 5 * 3600,
    "backups_kept": 14,
    "warn_unseen_days": 3,
    "warn_disk_free_gb": 5,
    "warn_backup_hours": 36,
}
"""New columns of a club, with what an existing one gets."""


def upgrade() -> None:
    for name, value in NUMBERS.items():
        op.add_column("club", sa.Column(name, BIG, nullable=False, server_default=str(value)))
    op.add_column(
        "club", sa.Column("second_backup_folder", sa.String(), nullable=False, server_default="")
    )
    op.add_column("club", sa.Column("checklist_closed_at", BIG, nullable=True))
    op.create_table(
        "demo_item",
        sa.Column(
            "club_id", BIG, sa.ForeignKey("club.id", name="fk_demo_item_club_id"), nullable=False
        ),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("row_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("club_id", "kind", "row_id", name="pk_demo_item"),
    )
