"""Of which folders PCs clear away what a player has left; of none, until the owner says so."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("club", sa.Column("traces", sa.String(), nullable=False, server_default=""))
