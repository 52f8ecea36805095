"""Indexes for pages that a large club waited for: Kaspi, debtors, groups, and what no payment stands behind."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_payment_amount", "payment", ["club_id", "amount_tiyn", "id"])
    op.create_index("ix_payment_posting", "payment", ["posting_id"])
    op.create_index(
        "ix_payment_without_posting",
        "payment",
        ["club_id", "created_at", "id"],
        sqlite_where=sa.text("posting_id IS NULL"),
        postgresql_where=sa.text("posting_id IS NULL"),
    )
    op.drop_index("ix_customer_group", "customer")
    op.create_index("ix_customer_group", "customer", ["club_id", "group_id"])
    op.drop_index("ix_customer_debt", "customer")
    op.create_index(
        "ix_customer_debt",
        "customer",
        ["club_id", "name_key", "id"],
        sqlite_where=sa.text("debt_account_id IS NOT NULL"),
        postgresql_where=sa.text("debt_account_id IS NOT NULL"),
    )
    # What leaves an account, with the posting it belongs to: Kaspi's payments are compared without reading a transfer.
    op.drop_index("ix_ledger_transfer_debit", "ledger_transfer")
    op.create_index(
        "ix_ledger_transfer_debit", "ledger_transfer", ["debit_account_id", "posting_id"]
    )
    op.drop_index("ix_fiscal_document_open", "fiscal_document")
    op.create_index(
        "ix_fiscal_document_open",
        "fiscal_document",
        ["club_id", "next_try_at", "state", "made_at"],
        sqlite_where=sa.text("state <> 'confirmed'"),
        postgresql_where=sa.text("state <> 'confirmed'"),
    )
    favour = sa.text(
        "kind IN ('customer.topped_up', 'time.given', 'session.in_debt')"
        " AND actor_kind = 'staff' AND customer_id IS NOT NULL"
    )
    op.create_index(
        "ix_event_favour",
        "event",
        ["club_id", "at", "id", "actor_id", "customer_id", "kind", "actor_kind"],
        sqlite_where=favour,
        postgresql_where=favour,
    )
