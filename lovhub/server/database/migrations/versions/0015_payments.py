"""Payments through Kaspi: their stories, what providers told, refunds, the bank's registries."""

import sqlalchemy as sa
from alembic import op

from lovhub.server.database.triggers import create_statements

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _to(table: str, column: str, target: str, *, nullable: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey(f"{target}.id", name=f"fk_{table}_{column}")
    return sa.Column(column, BIG, key, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, BIG, nullable=nullable)


def upgrade() -> None:
    _payments()
    _told()
    op.create_table(
        "bank_line",
        _number("id"),
        _to("bank_line", "club_id", "club"),
        _text("operation"),
        _number("amount_tiyn"),
        _number("at"),
        _text("file_name"),
        _number("uploaded_at"),
        sa.PrimaryKeyConstraint("id", name="pk_bank_line"),
        sa.UniqueConstraint("club_id", "operation", "amount_tiyn", "at", name="uq_bank_line"),
    )
    op.create_index("ix_bank_line_time", "bank_line", ["club_id", "at"])
    for statement in create_statements(
        op.get_bind().dialect.name, ("payment_step", "provider_event")
    ):
        op.execute(statement)


def _payments() -> None:
    op.create_table(
        "payment",
        _number("id"),
        _to("payment", "club_id", "club"),
        _text("provider"),
        _text("provider_ref"),
        _text("merchant_ref"),
        _text("key"),
        _to("payment", "customer_id", "customer"),
        _number("amount_tiyn"),
        _number("paid_tiyn"),
        _text("state"),
        _to("payment", "posting_id", "ledger_posting", nullable=True),
        _text("qr_payload"),
        _text("pay_url"),
        _number("created_at"),
        _number("expires_at"),
        _number("paid_at", nullable=True),
        _number("poll_after_seconds"),
        _number("next_poll_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_payment"),
        sa.UniqueConstraint("club_id", "merchant_ref", name="uq_payment_club_id_merchant_ref"),
        sa.UniqueConstraint("club_id", "key", name="uq_payment_key"),
        sa.CheckConstraint("amount_tiyn > 0", name="amount_positive"),
        sa.CheckConstraint(
            "(posting_id IS NULL) = (state NOT IN ('paid', 'partly_refunded', 'refunded'))",
            name="credited_when_paid",
        ),
    )
    op.create_index(
        "uq_payment_provider_ref",
        "payment",
        ["club_id", "provider", "provider_ref"],
        unique=True,
        sqlite_where=sa.text("provider_ref <> ''"),
        postgresql_where=sa.text("provider_ref <> ''"),
    )
    op.create_index("ix_payment_time", "payment", ["club_id", "created_at", "id"])
    op.create_index("ix_payment_customer", "payment", ["customer_id", "id"])
    op.create_index("ix_payment_paid", "payment", ["club_id", "paid_at"])
    op.create_index("ix_payment_poll", "payment", ["club_id", "next_poll_at"])


def _told() -> None:
    op.create_table(
        "payment_step",
        _number("id"),
        _to("payment_step", "payment_id", "payment"),
        _number("at"),
        _text("kind"),
        _text("actor_name"),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payment_step"),
    )
    op.create_index("ix_payment_step_payment", "payment_step", ["payment_id", "id"])
    op.create_table(
        "provider_event",
        _to("provider_event", "club_id", "club"),
        _text("provider"),
        _text("event_key"),
        _text("figures"),
        _to("provider_event", "payment_id", "payment"),
        _number("received_at"),
        _number("reply_status"),
        _text("reply_type"),
        sa.Column("reply_body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("club_id", "provider", "event_key", name="pk_provider_event"),
    )
    op.create_table(
        "payment_refund",
        _number("id"),
        _to("payment_refund", "club_id", "club"),
        _to("payment_refund", "payment_id", "payment"),
        _text("key"),
        _number("amount_tiyn"),
        _text("state"),
        _text("reason"),
        _text("provider_ref"),
        _to("payment_refund", "posting_id", "ledger_posting"),
        _number("asked_at"),
        sa.PrimaryKeyConstraint("id", name="pk_payment_refund"),
        sa.UniqueConstraint("club_id", "key", name="uq_payment_refund_club_id_key"),
        sa.CheckConstraint("amount_tiyn > 0", name="amount_positive"),
    )
    op.create_index("ix_payment_refund_payment", "payment_refund", ["payment_id", "id"])
