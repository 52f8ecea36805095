"""Questions about payments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    select,
)
from sqlalchemy.orm import Session

from lovhub.server.computers.models import Computer
from lovhub.server.customers.models import Customer
from lovhub.server.database import keyset
from lovhub.server.database.keyset import AnyRow, Order, Part, Place, Sorts
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger import service as ledger
from lovhub.server.payments.models import (
    Payment,
    PaymentOrder,
    PaymentStep,
    Refund,
)
from lovhub.server.payments.rules import OPEN_STATES, PAID_STATES

PAGE_SIZE = 50

SORTS = Sorts({"at": Payment.created_at, "amount": Payment.amount_tiyn}, Payment.id, default="-at")
"""What the list may be sorted by."""

FILTERS: dict[str, frozenset[str]] = {
    "waiting": OPEN_STATES,
    "paid": PAID_STATES,
    "review": frozenset({"review", "unknown"}),
    "lost": frozenset({"expired", "cancelled", "failed"}),
}
"""What the list may be narrowed to."""


@dataclass(frozen=True)
class PaymentRow:
    """A payment as lists and its own page show it. `customer_name` "" for one who asked to be forgotten.

    `customer_id` None: it paid for a sale at the desk.
    """

    id: int
    created_at: int
    provider: str
    provider_ref: str
    merchant_ref: str
    customer_id: int | None
    customer_name: str
    amount_tiyn: int
    paid_tiyn: int
    state: str
    paid_at: int | None
    expires_at: int
    qr_payload: str
    pay_url: str
    posting_id: int | None


@dataclass(frozen=True)
class OrderRow:
    """The sale that a payment is for. `others`: what is paid otherwise in the same sale, in which ways.

    `state`: `failed` also where the payment is over without it; nothing is sold any more, even if it is paid later.
    `credit_tiyn`: of a guest's money, what still waits for them.
    """

    operation: str
    state: str
    refusal: str
    computers: tuple[str, ...]
    others: tuple[tuple[str, int], ...]
    received_tiyn: int | None
    credit_tiyn: int

    @property
    def change_tiyn(self) -> int:
        """What is given back of the cash."""
        cash = sum(amount for method, amount in self.others if method == "cash")
        return max(0, self.received_tiyn - cash) if self.received_tiyn is not None and cash else 0


@dataclass(frozen=True)
class RefundRow:
    """Money given back, or on its way."""

    id: int
    at: int
    amount_tiyn: int
    state: str
    reason: str


@dataclass(frozen=True)
class StepRow:
    """A line of the story."""

    at: int
    kind: str
    actor_name: str
    data: dict[str, Any]


def page(
    db: Session,
    club_id: int,
    *,
    only: str = "",
    customer_id: int | None = None,
    order: Order | None = None,
    place: Place | None = None,
    limit: int = PAGE_SIZE,
) -> Part[PaymentRow]:
    """Payments, the newest first if not said otherwise. One statement."""
    statement = (
        select(Payment, Customer.name, Customer.deleted_at)
        .outerjoin(Customer, Customer.id == Payment.customer_id)
        .where(Payment.club_id == club_id)
    )
    if only in FILTERS:
        statement = statement.where(Payment.state.in_(FILTERS[only]))
        if not FILTERS[only] & PAID_STATES:
            # Most are paid, and only those are in the books: an index knows the others.
            statement = statement.where(Payment.posting_id.is_(None))
    if customer_id is not None:
        statement = statement.where(Payment.customer_id == customer_id)

    def load(found: Sequence[AnyRow]) -> list[PaymentRow]:
        return [_row(row[0], row[1], row[2]) for row in found]

    return keyset.part(db, statement, order or SORTS.order(), place, limit, load)


def get(db: Session, club_id: int, payment_id: int) -> PaymentRow:
    """One payment; OperationRefused("payment_unknown")."""
    found = db.execute(
        select(Payment, Customer.name, Customer.deleted_at)
        .outerjoin(Customer, Customer.id == Payment.customer_id)
        .where(Payment.id == payment_id, Payment.club_id == club_id)
    ).one_or_none()
    if found is None:
        raise OperationRefused("payment_unknown")
    return _row(*found)


def _row(payment: Payment, name: str | None, deleted_at: int | None) -> PaymentRow:
    return PaymentRow(
        id=payment.id,
        created_at=payment.created_at,
        provider=payment.provider,
        provider_ref=payment.provider_ref,
        merchant_ref=payment.merchant_ref,
        customer_id=payment.customer_id,
        customer_name="" if deleted_at is not None else name or "",
        amount_tiyn=payment.amount_tiyn,
        paid_tiyn=payment.paid_tiyn,
        state=payment.state,
        paid_at=payment.paid_at,
        expires_at=payment.expires_at,
        qr_payload=payment.qr_payload,
        pay_url=payment.pay_url,
        posting_id=payment.posting_id,
    )


def order(db: Session, payment_id: int) -> OrderRow | None:
    """The sale that the payment is for; None for a top-up."""
    found = db.get(PaymentOrder, payment_id)
    if found is None:
        return None
    payment = db.get_one(Payment, payment_id)
    given_up = found.state == "waiting" and payment.state not in OPEN_STATES
    account_id = payment.credit_account_id
    till = found.arguments.get("till") or {"till": [None, None, []]}
    _price, received, parts, *_ = till["till"]
    names = db.scalars(
        select(Computer.name)
        .where(Computer.id.in_([computer_id for computer_id, _ in found.seats]))
        .order_by(Computer.id)
    )
    return OrderRow(
        operation=found.operation,
        state="failed" if given_up else found.state,
        refusal=found.refusal,
        computers=tuple(names),
        others=tuple((method, amount) for method, amount in parts if method != "kaspi"),
        received_tiyn=received,
        credit_tiyn=0 if account_id is None else ledger.balance(db, account_id),
    )


def story(db: Session, payment_id: int) -> list[StepRow]:
    """All that became of a payment, in order."""
    steps = db.scalars(
        select(PaymentStep).where(PaymentStep.payment_id == payment_id).order_by(PaymentStep.id)
    )
    return [StepRow(step.at, step.kind, step.actor_name, step.data) for step in steps]


def refunds(db: Session, payment_id: int) -> list[RefundRow]:
    """What went back of a payment."""
    rows = db.scalars(select(Refund).where(Refund.payment_id == payment_id).order_by(Refund.id))
    return [RefundRow(row.id, row.asked_at, row.amount_tiyn, row.state, row.reason) for row in rows]


def left_tiyn(payment: PaymentRow, given_back: Sequence[RefundRow]) -> int:
    """How much of the payment may still go back."""
    if payment.state not in {"paid", "partly_refunded"}:
        return 0
    return payment.paid_tiyn - sum(row.amount_tiyn for row in given_back if row.state != "rejected")
