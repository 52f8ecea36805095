"""The balances of customers stand in an index in their order: whoever has most is found without reading all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "account_balance",
        sa.Column("of_customer", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.execute(
        "UPDATE account_balance SET of_customer = true WHERE account_id IN"
        " (SELECT id FROM ledger_account WHERE kind = 'customer_balance')"
    )
    op.create_index(
        "ix_account_balance_of_customer",
        "account_balance",
        ["balance", "account_id"],
        sqlite_where=sa.text("of_customer = 1"),
        postgresql_where=sa.text("of_customer"),
    )
