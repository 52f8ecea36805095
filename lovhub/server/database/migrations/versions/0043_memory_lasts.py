"""Whether a PC's key and journal outlive its restart; of every PC so far it is taken to be so."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "computer",
        sa.Column("memory_lasts", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
