"""Whether players may become customers by themselves, at a PC."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "club",
        sa.Column("registers_at_pc", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
