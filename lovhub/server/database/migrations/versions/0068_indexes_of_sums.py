"""What a club owes in time not played, and what came in a period beside the bank's word, are read from indexes alone.

Lots stand in the order of their accounts there, so that the balances are read as they lie and not here and there.
"""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_lot_accounts_with_time",
        "lot",
        ["club_id", "available_account_id", "unearned_account_id"],
        sqlite_where=sa.text("exhausted = 0"),
        postgresql_where=sa.text("NOT exhausted"),
    )
    op.drop_index("ix_payment_paid", "payment")
    op.create_index(
        "ix_payment_paid", "payment", ["club_id", "paid_at", "provider_ref", "paid_tiyn", "id"]
    )
    op.drop_index("ix_bank_line_time", "bank_line")
    op.create_index("ix_bank_line_time", "bank_line", ["club_id", "at", "operation", "amount_tiyn"])
