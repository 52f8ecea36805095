"""What becomes of bought time in a zone where it costs something else; sessions under way go on as they began."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "club", sa.Column("zone_rule", sa.String(), nullable=False, server_default="free")
    )
    op.add_column(
        "play_session",
        sa.Column("zone_bound", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
