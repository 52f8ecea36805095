"""The ledger: accounts, postings, transfers, balances."""

import sqlalchemy as sa
from alembic import op


def create() -> None:
    """Create them."""
    op.create_table(
        "ledger_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("club_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("is_club", sa.Boolean(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.CheckConstraint("unit IN ('tiyn', 'second')", name=op.f("ck_ledger_account_unit")),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_ledger_account_club_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint("id", "unit", name=op.f("uq_ledger_account_id_unit")),
    )
    op.create_index(
        "uq_ledger_account_club_kind",
        "ledger_account",
        ["club_id", "kind"],
        unique=True,
        sqlite_where=sa.text("is_club"),
        postgresql_where=sa.text("is_club"),
    )
    op.create_table(
        "ledger_posting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("club_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_ledger_posting_club_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_posting")),
        sa.UniqueConstraint("club_id", "key", name=op.f("uq_ledger_posting_club_id_key")),
    )
    op.create_index("ix_ledger_posting_time", "ledger_posting", ["club_id", "at"], unique=False)
    op.create_table(
        "account_balance",
        sa.Column(
            "account_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("balance", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("minimum", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "minimum IS NULL OR balance >= minimum", name=op.f("ck_account_balance_above_minimum")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ledger_account.id"], name=op.f("fk_account_balance_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_balance")),
    )
    op.create_table(
        "ledger_transfer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column(
            "debit_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "credit_account_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_ledger_transfer_amount_positive")),
        sa.CheckConstraint(
            "debit_account_id <> credit_account_id", name=op.f("ck_ledger_transfer_two_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["credit_account_id", "unit"],
            ["ledger_account.id", "ledger_account.unit"],
            name="fk_ledger_transfer_credit",
        ),
        sa.ForeignKeyConstraint(
            ["debit_account_id", "unit"],
            ["ledger_account.id", "ledger_account.unit"],
            name="fk_ledger_transfer_debit",
        ),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["ledger_posting.id"], name=op.f("fk_ledger_transfer_posting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transfer")),
    )
    op.create_index(
        "ix_ledger_transfer_credit", "ledger_transfer", ["credit_account_id"], unique=False
    )
    op.create_index(
        "ix_ledger_transfer_debit", "ledger_transfer", ["debit_account_id"], unique=False
    )
    op.create_index(
        op.f("ix_ledger_transfer_posting_id"), "ledger_transfer", ["posting_id"], unique=False
    )
