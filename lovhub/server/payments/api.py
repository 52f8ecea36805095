"""Payments for programs: asking, recording, giving back, comparing."""

from http import HTTPStatus
from typing import Any, Literal

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from lovhub.server.customers import queries as customers_queries
from lovhub.server.errors import OperationRefused
from lovhub.server.payments import orders, polling, queries, refunds, service
from lovhub.server.payments.providers.contract import PaymentProvider
from lovhub.server.payments.rules import payment_number
from lovhub.server.web import current
from lovhub.server.web.api import (
    Asked,
    Cursor,
    Done,
    Id,
    Line,
    OperationKey,
    Question,
    Tiyn,
    answer,
    api_place,
    blueprint,
    done,
)

api = blueprint("payments", "payments")


class PaymentPath(BaseModel):
    """Which payment."""

    payment_id: int


class RefundPath(PaymentPath):
    """Which refund of it."""

    refund_id: int


class CustomerPath(BaseModel):
    """Which customer."""

    customer_id: int


class ListQuery(Question):
    """What part of the list. `after` is the `next_after` of the part before."""

    only: Literal["", "waiting", "paid", "review", "lost"] = ""
    customer_id: Id | None = None
    after: Cursor | None = None
    limit: int = Field(queries.PAGE_SIZE, ge=1, le=100)


class NewPayment(Asked):
    """Ask a customer for money by way of the chosen Kaspi mode.

    `phone`: where the invoice goes, if the mode needs one; "" is the customer's own. `as_link`: a link to open on
    a phone instead of a code to scan.
    """

    customer_id: Id
    amount_tiyn: Tiyn
    key: OperationKey
    phone: Line = ""
    as_link: bool = False


class CreditTo(Asked):
    """Whose balance it goes to."""

    customer_id: Id


class RecordedPayment(Asked):
    """A payment that a person saw in Kaspi Pay, under its operation's number (mode `manual`)."""

    customer_id: Id
    amount_tiyn: Tiyn
    operation: Line
    key: OperationKey


class NewRefund(Asked):
    """How much goes back, and why."""

    amount_tiyn: Tiyn
    reason: Line
    key: OperationKey


class Decided(Asked):
    """What a person found in Kaspi about a refund that was not answered."""

    was_done: bool


class Step(BaseModel):
    """A line of a payment's story."""

    model_config = ConfigDict(from_attributes=True)

    at: int
    kind: str
    actor_name: str
    data: dict[str, Any]


class RefundShown(BaseModel):
    """Money given back, or on its way."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: int
    amount_tiyn: int
    state: str
    reason: str


class PaymentShown(BaseModel):
    """A payment. `qr_payload` is what the picture holds, `pay_url` what a phone opens.

    `customer_id` is null for one that paid for a sale at the desk.
    """

    model_config = ConfigDict(from_attributes=True)

    id: int
    created_at: int
    provider: str
    provider_ref: str
    merchant_ref: str
    customer_id: int | None
    amount_tiyn: int
    paid_tiyn: int
    state: str
    paid_at: int | None
    expires_at: int
    qr_payload: str
    pay_url: str
    posting_id: int | None


class PaymentStory(PaymentShown):
    """A payment with all that became of it.

    `seat_code`: what it has bought a guest, for ten minutes or until it is typed.
    """

    seat_code: str
    steps: list[Step]
    refunds: list[RefundShown]


class PaymentList(BaseModel):
    """Part of the list."""

    payments: list[PaymentShown]
    next_after: str | None


class PaymentNumber(BaseModel):
    """The number under which a customer pays in Kaspi by themselves; theirs for ever."""

    number: str


def _main() -> PaymentProvider:
    provider = current.server().payments.main
    if provider is None:
        raise OperationRefused("payment_not_offered")
    return provider


def story_of(payment_id: int, status: int = HTTPStatus.OK) -> Response:
    """A payment with its story, as the answer of a call."""
    club = current.club()
    with club.read() as db:
        row = queries.get(db, club.club_id, payment_id)
        shown = PaymentStory(
            **PaymentShown.model_validate(row).model_dump(),
            seat_code=orders.code_sold(club, db, payment_id),
            steps=[Step.model_validate(step) for step in queries.story(db, payment_id)],
            refunds=[RefundShown.model_validate(made) for made in queries.refunds(db, payment_id)],
        )
    return answer(shown, status)


@api.post("/payments", responses={HTTPStatus.CREATED: PaymentStory})
def create(body: NewPayment) -> Response:
    """Ask a customer for money. The same key again is the same payment."""
    payment_id = service.create_payment(
        current.club(),
        _main(),
        customer_id=body.customer_id,
        amount_tiyn=body.amount_tiyn,
        key=body.key,
        actor=current.actor(),
        phone=body.phone,
        as_link=body.as_link,
    )
    return story_of(payment_id, HTTPStatus.CREATED)


@api.get("/payments", responses={HTTPStatus.OK: PaymentList})
def list_payments(query: ListQuery) -> Response:
    """Payments, the newest first."""
    club = current.club()
    with club.read() as db:
        page = queries.page(
            db,
            club.club_id,
            only=query.only,
            customer_id=query.customer_id,
            place=api_place(query.after),
            limit=query.limit,
        )
    shown = [PaymentShown.model_validate(row) for row in page.rows]
    return answer(
        PaymentList(payments=shown, next_after=page.next.written() if page.next else None)
    )


@api.post("/payments/recorded", responses={HTTPStatus.CREATED: PaymentStory})
def record(body: RecordedPayment) -> Response:
    """Record a payment that was seen in Kaspi Pay. An operation's number is taken once."""
    payment_id = service.record_payment(
        current.club(),
        _main(),
        customer_id=body.customer_id,
        amount_tiyn=body.amount_tiyn,
        operation=body.operation,
        key=body.key,
        actor=current.actor(),
    )
    return story_of(payment_id, HTTPStatus.CREATED)


@api.get("/payments/<int:payment_id>", responses={HTTPStatus.OK: PaymentStory})
def show(path: PaymentPath) -> Response:
    """A payment and its story."""
    return story_of(path.payment_id)


@api.post("/payments/<int:payment_id>/look", responses={HTTPStatus.OK: PaymentStory})
def look(path: PaymentPath) -> Response:
    """Ask the provider now how the payment stands."""
    polling.ask_now(current.club(), current.server().payments, path.payment_id)
    return story_of(path.payment_id)


@api.post("/payments/<int:payment_id>/cancel", responses={HTTPStatus.OK: PaymentStory})
def cancel(path: PaymentPath) -> Response:
    """Ask for it no longer. If it is paid all the same, it is credited."""
    service.cancel(
        current.club(),
        current.server().payments,
        payment_id=path.payment_id,
        actor=current.actor(),
    )
    return story_of(path.payment_id)


@api.post("/payments/<int:payment_id>/acceptance", responses={HTTPStatus.OK: PaymentStory})
def accept(path: PaymentPath) -> Response:
    """Credit a payment that came otherwise than it was asked for."""
    service.accept(current.club(), payment_id=path.payment_id, actor=current.actor())
    return story_of(path.payment_id)


@api.post("/payments/<int:payment_id>/credit", responses={HTTPStatus.OK: PaymentStory})
def give_credit(path: PaymentPath, body: CreditTo) -> Response:
    """Put a guest's money, which paid for nothing, on a customer's balance."""
    orders.give_credit(
        current.club(),
        payment_id=path.payment_id,
        customer_id=body.customer_id,
        actor=current.actor(),
    )
    return story_of(path.payment_id)


@api.post("/payments/<int:payment_id>/refunds", responses={HTTPStatus.CREATED: PaymentStory})
def refund(path: PaymentPath, body: NewRefund) -> Response:
    """Give money back to where it came from. The same key again gives nothing more."""
    refunds.refund(
        current.club(),
        current.server().payments,
        payment_id=path.payment_id,
        amount_tiyn=body.amount_tiyn,
        reason=body.reason,
        key=body.key,
        actor=current.actor(),
    )
    return story_of(path.payment_id, HTTPStatus.CREATED)


@api.post(
    "/payments/<int:payment_id>/refunds/<int:refund_id>/decision", responses={HTTPStatus.OK: Done}
)
def decide_refund(path: RefundPath, body: Decided) -> Response:
    """Say whether a refund without an answer was done."""
    refunds.decide_unknown(
        current.club(), refund_id=path.refund_id, was_done=body.was_done, actor=current.actor()
    )
    return done()


@api.get("/customers/<int:customer_id>/payment-number", responses={HTTPStatus.OK: PaymentNumber})
def show_number(path: CustomerPath) -> Response:
    """The number under which the customer pays in Kaspi."""
    club = current.club()
    with club.read() as db:
        customers_queries.row(db, club.club_id, path.customer_id)
    return answer(PaymentNumber(number=payment_number(path.customer_id)))
