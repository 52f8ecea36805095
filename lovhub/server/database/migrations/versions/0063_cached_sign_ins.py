"""Whether players may play the rest of a lease by their password while no server is there."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "club",
        sa.Column("cached_sign_ins", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
