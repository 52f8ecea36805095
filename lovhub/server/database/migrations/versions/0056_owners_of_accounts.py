"""Indexes for the question whose an account is: the chain of the books asks it of every transfer of its kind."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, table, column in (
        ("ix_customer_bonus_account", "customer", "bonus_account_id"),
        ("ix_customer_debt_account", "customer", "debt_account_id"),
        ("ix_payment_credit_account", "payment", "credit_account_id"),
    ):
        is_there = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, table, [column], sqlite_where=is_there, postgresql_where=is_there)
    op.create_index("ix_payment_refund_posting", "payment_refund", ["posting_id"])
