"""Whether a package or a bundle is played only when it is sold, and of a lot the days and hours as they were sold."""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "tariff",
        sa.Column("play_rule", sa.String(), nullable=False, server_default="any_time"),
    )
    op.add_column("lot", sa.Column("play_hours", sa.String(), nullable=True))
