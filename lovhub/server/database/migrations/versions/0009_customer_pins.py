"""One-time PINs of customers who forgot their password, the account of money written off, a quicker search."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "customer_pin",
        sa.Column(
            "customer_id",
            BIG,
            sa.ForeignKey("customer.id", name="fk_customer_pin_customer_id"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("pin_hash", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", BIG, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.Column("tries_left", BIG, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name="pk_customer_pin"),
    )
    op.create_index(
        "ix_customer_search",
        "customer",
        ["club_id", "name_key", "id", "login_key", "phone", "deleted_at"],
    )
    # Clubs founded earlier get the account that new ones are founded with.
    op.execute(
        "INSERT INTO ledger_account (club_id, kind, is_club, unit)"
        " SELECT id, 'written_off', true, 'tiyn' FROM club"
    )
    op.execute(
        "INSERT INTO account_balance (account_id, balance, minimum)"
        " SELECT id, 0, NULL FROM ledger_account WHERE kind = 'written_off'"
    )
