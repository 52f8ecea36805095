"""Customers sorted by what they have: who they are and which account is theirs is read without their rows."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_customer_balance", "customer", ["club_id", "deleted_at", "balance_account_id", "id"]
    )
