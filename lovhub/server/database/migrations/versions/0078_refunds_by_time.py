"""Refunds of a time are found without reading all that a club has given back: the comparison with the bank asks."""

from alembic import op

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_payment_refund_asked", "payment_refund", ["club_id", "asked_at"])
