"""Sales at the desk that wait for Kaspi, and the money of those that could not be carried out.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them."""
    big = _BIG.compile(dialect=op.get_bind().dialect)
    # By hand: Alembic would want batch mode on SQLite.
    op.execute(
        f"ALTER TABLE payment ADD COLUMN credit_account_id {big}"
        " CONSTRAINT fk_payment_credit_account_id REFERENCES ledger_account (id)"
    )
    op.create_table(
        "payment_order",
        sa.Column("payment_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("seats", sa.JSON(), nullable=False),
        sa.Column("actor_id", _BIG, nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("actor_role", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("refusal", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name="fk_payment_order_payment_id"),
        sa.PrimaryKeyConstraint("payment_id", name="pk_payment_order"),
    )
