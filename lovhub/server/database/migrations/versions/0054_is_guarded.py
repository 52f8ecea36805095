"""Whether a PC's agent has rights that the player has not; of every PC so far it is taken to be so."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "computer",
        sa.Column("is_guarded", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
