"""Who plays: customers, sessions, the time that they have, and what a guest types."""

import sqlalchemy as sa
from alembic import op


def create() -> None:
    """Create them."""
    op.create_table(
        "customer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("club_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("login_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column(
            "balance_account_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "created_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "deleted_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["balance_account_id"],
            ["ledger_account.id"],
            name=op.f("fk_customer_balance_account_id"),
        ),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_customer_club_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("balance_account_id", name=op.f("uq_customer_balance_account_id")),
        sa.UniqueConstraint("club_id", "login_key", name=op.f("uq_customer_club_id_login_key")),
    )
    op.create_index("ix_customer_name", "customer", ["club_id", "name_key"], unique=False)
    op.create_index("ix_customer_phone", "customer", ["club_id", "phone"], unique=False)
    op.create_table(
        "play_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("club_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "computer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("guest_name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column(
            "started_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "settled_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "played_seconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "leased_seconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "lease_serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "lease_issued_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "lease_not_after", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("due_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "unreachable_since_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("pause_reason", sa.String(), nullable=False),
        sa.Column("ended_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "state IN ('active', 'paused', 'unreachable', 'ended')",
            name=op.f("ck_play_session_state"),
        ),
        sa.CheckConstraint(
            "played_seconds <= leased_seconds", name=op.f("ck_play_session_within_lease")
        ),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_play_session_club_id")),
        sa.ForeignKeyConstraint(
            ["computer_id"], ["computer.id"], name=op.f("fk_play_session_computer_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_play_session_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_play_session")),
    )
    op.create_index(
        "ix_play_session_customer", "play_session", ["customer_id", "state"], unique=False
    )
    op.create_index("ix_play_session_due", "play_session", ["state", "due_at"], unique=False)
    op.create_index(
        "ix_play_session_started", "play_session", ["club_id", "started_at"], unique=False
    )
    op.create_index(
        "uq_play_session_live_computer",
        "play_session",
        ["computer_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'ended'"),
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_table(
        "lot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("club_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "guest_session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("tariff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column(
            "granted_seconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "price_tiyn", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("sold_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "expires_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "available_account_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "consumed_account_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "unearned_account_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("exhausted", sa.Boolean(), nullable=False),
        sa.CheckConstraint("granted_seconds > 0", name=op.f("ck_lot_granted_positive")),
        sa.CheckConstraint("price_tiyn >= 0", name=op.f("ck_lot_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["available_account_id"],
            ["ledger_account.id"],
            name=op.f("fk_lot_available_account_id"),
        ),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_lot_club_id")),
        sa.ForeignKeyConstraint(
            ["consumed_account_id"], ["ledger_account.id"], name=op.f("fk_lot_consumed_account_id")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_lot_customer_id")),
        sa.ForeignKeyConstraint(
            ["guest_session_id"], ["play_session.id"], name=op.f("fk_lot_guest_session_id")
        ),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["ledger_posting.id"], name=op.f("fk_lot_posting_id")
        ),
        sa.ForeignKeyConstraint(["tariff_id"], ["tariff.id"], name=op.f("fk_lot_tariff_id")),
        sa.ForeignKeyConstraint(
            ["unearned_account_id"], ["ledger_account.id"], name=op.f("fk_lot_unearned_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("available_account_id", name=op.f("uq_lot_available_account_id")),
        sa.UniqueConstraint("consumed_account_id", name=op.f("uq_lot_consumed_account_id")),
        sa.UniqueConstraint("posting_id", name=op.f("uq_lot_posting_id")),
        sa.UniqueConstraint("unearned_account_id", name=op.f("uq_lot_unearned_account_id")),
    )
    op.create_index("ix_lot_customer", "lot", ["customer_id", "exhausted"], unique=False)
    op.create_index("ix_lot_guest", "lot", ["guest_session_id"], unique=False)
    op.create_table(
        "hold",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ledger_account.id"], name=op.f("fk_hold_account_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_hold_lot_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["play_session.id"], name=op.f("fk_hold_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint("account_id", name=op.f("uq_hold_account_id")),
        sa.UniqueConstraint("session_id", "lot_id", name=op.f("uq_hold_session_id_lot_id")),
    )
    op.create_index(op.f("ix_hold_lot_id"), "hold", ["lot_id"], unique=False)
    op.create_table(
        "seat_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("club_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "computer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guest_name", sa.String(), nullable=False),
        sa.Column(
            "created_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "expires_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("used_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_seat_code_club_id")),
        sa.ForeignKeyConstraint(
            ["computer_id"], ["computer.id"], name=op.f("fk_seat_code_computer_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_seat_code_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_code")),
        sa.UniqueConstraint("lot_id", name=op.f("uq_seat_code_lot_id")),
    )
    op.create_index(op.f("ix_seat_code_code_hash"), "seat_code", ["code_hash"], unique=False)
