"""An index for the question whether a payment has a number already, asked at each one that the desk records."""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_payment_number", "payment", ["club_id", "provider_ref"])
