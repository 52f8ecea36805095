"""Payments, their stories, what providers told, refunds, and the bank's registries."""

from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lovhub.server.database.base import Base, BigId


class Payment(Base):
    """Money that is asked for, or has come, for a customer's balance; or, without a customer, for a sale at the desk.

    `merchant_ref` is our own name of it on the wires; `provider_ref` the provider's ("" until it is known).
    `key`: of the operation that asked; sent twice, it asks once. `paid_tiyn`: what the provider says was
    paid; `posting_id`: the top-up (or the sale) in the books, if it is credited; `credit_account_id`: where a guest's
    money waits that paid for nothing. `next_poll_at` None: nobody is asked any more.
    """

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("club_id", "merchant_ref"),
        UniqueConstraint("club_id", "key", name="uq_payment_key"),
        Index(
            "uq_payment_provider_ref",
            "club_id",
            "provider",
            "provider_ref",
            unique=True,
            sqlite_where=text("provider_ref <> ''"),
            postgresql_where=text("provider_ref <> ''"),
        ),
        Index("ix_payment_time", "club_id", "created_at", "id"),
        Index("ix_payment_number", "club_id", "provider_ref"),
        Index("ix_payment_amount", "club_id", "amount_tiyn", "id"),
        Index(
            "ix_payment_without_posting",
            "club_id",
            "created_at",
            "id",
            "state",
            sqlite_where=text("posting_id IS NULL"),
            postgresql_where=text("posting_id IS NULL"),
        ),
        Index("ix_payment_posting", "posting_id"),
        Index(
            "ix_payment_credit_account",
            "credit_account_id",
            sqlite_where=text("credit_account_id IS NOT NULL"),
            postgresql_where=text("credit_account_id IS NOT NULL"),
        ),
        Index("ix_payment_customer", "customer_id", "id"),
        # A month of them is compared with the bank's lines: from this index and theirs, without the rows.
        Index("ix_payment_paid", "club_id", "paid_at", "provider_ref", "paid_tiyn", "id"),
        Index("ix_payment_poll", "club_id", "next_poll_at"),
        CheckConstraint("amount_tiyn > 0", name="amount_positive"),
        CheckConstraint(
            "(posting_id IS NULL) = (state NOT IN ('paid', 'partly_refunded', 'refunded'))",
            name="credited_when_paid",
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    provider: Mapped[str]
    provider_ref: Mapped[str] = mapped_column(default="")
    merchant_ref: Mapped[str]
    key: Mapped[str]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    amount_tiyn: Mapped[int]
    paid_tiyn: Mapped[int] = mapped_column(default=0)
    state: Mapped[str]
    posting_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_posting.id"))
    qr_payload: Mapped[str] = mapped_column(default="")
    pay_url: Mapped[str] = mapped_column(default="")
    created_at: Mapped[int]
    expires_at: Mapped[int]
    paid_at: Mapped[int | None]
    credit_account_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_account.id"))
    poll_after_seconds: Mapped[int] = mapped_column(default=15)
    next_poll_at: Mapped[int | None]


class PaymentOrder(Base):
    """A sale at the desk that is carried out when its payment comes (`orders.py`).

    `seats`: the PCs it is about, each with the session that was there (or null). `state`: `waiting`, `done`, or
    `failed` with the code of its `refusal`. The actor is who sold.
    """

    __tablename__ = "payment_order"

    payment_id: Mapped[int] = mapped_column(
        ForeignKey("payment.id"), primary_key=True, autoincrement=False
    )
    operation: Mapped[str]
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    seats: Mapped[list[tuple[int, int | None]]] = mapped_column(JSON)
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(default="")
    actor_role: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="waiting")
    refusal: Mapped[str] = mapped_column(default="")


class PaymentStep(Base):
    """A line of a payment's story; never changed. `kind` is the state it came to, or what else happened."""

    __tablename__ = "payment_step"
    __table_args__ = (Index("ix_payment_step_payment", "payment_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"))
    at: Mapped[int]
    kind: Mapped[str]
    actor_name: Mapped[str] = mapped_column(default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class ProviderEvent(Base):
    """Something a provider told that was taken in, once; the reply is what its repetitions get, to the byte.

    `figures`: the amount and whom it is for, as told: the same key with other figures is an alarm.
    """

    __tablename__ = "provider_event"

    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    event_key: Mapped[str] = mapped_column(primary_key=True)
    figures: Mapped[str]
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"))
    received_at: Mapped[int]
    reply_status: Mapped[int]
    reply_type: Mapped[str]
    reply_body: Mapped[bytes]


class Refund(Base):
    """Money that goes back to the payer. It leaves the balance first, and comes back only if the provider says no.

    `state`: `asked`, `pending` (the provider will say more), `unknown` (no answer: a person looks), `done`,
    `by_hand` (given back in Kaspi's own program), `rejected`. `bonus_tiyn`: what was taken for the top-up's bonus.
    """

    __tablename__ = "payment_refund"
    __table_args__ = (
        UniqueConstraint("club_id", "key"),
        Index("ix_payment_refund_payment", "payment_id", "id"),
        Index("ix_payment_refund_posting", "posting_id"),
        Index("ix_payment_refund_asked", "club_id", "asked_at"),
        CheckConstraint("amount_tiyn > 0", name="amount_positive"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"))
    key: Mapped[str]
    amount_tiyn: Mapped[int]
    state: Mapped[str]
    bonus_tiyn: Mapped[int] = mapped_column(default=0, server_default="0")
    reason: Mapped[str]
    provider_ref: Mapped[str] = mapped_column(default="")
    posting_id: Mapped[int] = mapped_column(ForeignKey("ledger_posting.id"))
    asked_at: Mapped[int]


class BankLine(Base):
    """A line of a registry that the bank gave and somebody uploaded: theirs, to be compared with ours.

    `operation`: Kaspi's number of the payment; the same line uploaded again is the same line.
    """

    __tablename__ = "bank_line"
    __table_args__ = (
        UniqueConstraint("club_id", "operation", "amount_tiyn", "at", name="uq_bank_line"),
        Index("ix_bank_line_time", "club_id", "at", "operation", "amount_tiyn"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))
    operation: Mapped[str]
    amount_tiyn: Mapped[int]
    at: Mapped[int]
    file_name: Mapped[str]
    uploaded_at: Mapped[int]


class BankDay(Base):
    """What the comparison found in a day that is over (`day_at`: `rules.kept_day`), so that a month adds up days.

    Sums and count of the operations that fit and of which no line lies on another day; all others are the day's
    `BankDayOperation`s. A copy made by `bank_days.keep_days`: the database's triggers (`database/triggers.py`) throw it
    away when a payment, a refund or a bank's line of that day is written, and it is made again.
    """

    __tablename__ = "bank_day"

    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"), primary_key=True)
    day_at: Mapped[int] = mapped_column(primary_key=True)
    ours_tiyn: Mapped[int]
    theirs_tiyn: Mapped[int]
    matched: Mapped[int]


class BankDayOperation(Base):
    """An operation's sums of a kept day that do not fit, or are not all: it has lines on other days.

    `went`: 1 of money that went back. `our_at`, `their_at`: the first line of either side; `payment_id`: of ours.
    """

    __tablename__ = "bank_day_operation"
    __table_args__ = (
        ForeignKeyConstraint(
            ["club_id", "day_at"],
            ["bank_day.club_id", "bank_day.day_at"],
            ondelete="CASCADE",
        ),
    )

    club_id: Mapped[int] = mapped_column(primary_key=True)
    day_at: Mapped[int] = mapped_column(primary_key=True)
    operation: Mapped[str] = mapped_column(primary_key=True)
    went: Mapped[int] = mapped_column(primary_key=True)
    ours_tiyn: Mapped[int]
    theirs_tiyn: Mapped[int]
    our_at: Mapped[int | None]
    their_at: Mapped[int | None]
    payment_id: Mapped[int | None]
