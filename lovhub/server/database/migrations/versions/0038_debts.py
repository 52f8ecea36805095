"""Playing in debt, up to a limit that the owner sets.

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add it. No club allows it before its owner says so."""
    op.add_column("club", sa.Column("debt_limit_tiyn", _BIG, nullable=False, server_default="0"))
    op.add_column("meter", sa.Column("limit_tiyn", _BIG, nullable=False, server_default="0"))
    big = _BIG.compile(dialect=op.get_bind().dialect)
    op.execute(
        f"ALTER TABLE customer ADD COLUMN debt_account_id {big}"
        " CONSTRAINT fk_customer_debt_account_id REFERENCES ledger_account (id)"
    )
    op.create_index("ix_customer_debt", "customer", ["debt_account_id"])
    _open_accounts()


def _open_accounts() -> None:
    """Every club that is founded already gets the new account."""
    connection = op.get_bind()
    for (club_id,) in connection.execute(sa.text("SELECT id FROM club")).all():
        account_id = connection.execute(
            sa.text(
                "INSERT INTO ledger_account (club_id, kind, is_club, unit)"
                " VALUES (:club, 'debt_forgiven', :is_club, 'tiyn') RETURNING id"
            ),
            {"club": club_id, "is_club": True},
        ).scalar_one()
        connection.execute(
            sa.text("INSERT INTO account_balance (account_id, balance) VALUES (:account, 0)"),
            {"account": account_id},
        )
