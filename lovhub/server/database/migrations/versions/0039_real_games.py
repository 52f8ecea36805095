"""Where else an application may be, and by which processes a game is known that a launcher starts."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("other_paths", "watch"):
        op.add_column(
            "application", sa.Column(column, sa.JSON(), nullable=False, server_default="[]")
        )
