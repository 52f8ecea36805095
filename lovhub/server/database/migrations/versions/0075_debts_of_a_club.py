"""The index of who has played in debt tells of which club they are: debts are summed up without the customers' rows."""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_customer_debt_account", "customer")
    op.create_index(
        "ix_customer_debt_account",
        "customer",
        ["debt_account_id", "club_id"],
        sqlite_where=sa.text("debt_account_id IS NOT NULL"),
        postgresql_where=sa.text("debt_account_id IS NOT NULL"),
    )
