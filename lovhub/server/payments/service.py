"""Asking for payments, recording those that the desk saw, and deciding on those that a person must look at."""

from dataclasses import dataclass

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lovhub.server.actor import Actor
from lovhub.server.bus import CustomerChanged
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.payments import rules
from lovhub.server.payments.asking import answer_of, log_no_answer
from lovhub.server.payments.at_desk import known_number
from lovhub.server.payments.models import Payment
from lovhub.server.payments.providers.contract import (
    Created,
    OutcomeUnknown,
    PaymentProvider,
    Rejected,
    Wanted,
)
from lovhub.server.payments.reconciling import normal_operation
from lovhub.server.payments.refunds import locked
from lovhub.server.payments.rows import (
    BANK,
    begin,
    credit,
    keep_as_credit,
    move,
    note,
    payer,
    schedule,
)
from lovhub.server.payments.settings import Payments
from lovhub.server.sessions.locks import lock_customer

_CREATE_PATIENCE_SECONDS = 60
"""A payment whose creation was cut short by a crash is called unknown after that."""

log = structlog.get_logger("payments")

_UNANSWERED = frozenset({"created", "unknown"})


@dataclass(frozen=True)
class Question:
    """A payment that is written down. `wanted`: what the provider is to be asked for; None: it has been asked."""

    payment_id: int
    wanted: Wanted | None = None


def create_payment(
    club: ClubContext,
    provider: PaymentProvider,
    *,
    customer_id: int,
    amount_tiyn: int,
    key: str,
    actor: Actor,
    phone: str = "",
    as_link: bool = False,
) -> int:
    """Ask a customer for money by way of the provider; returns the payment's id.

    The payment is written down before the provider is asked, and the answer after: whenever it breaks off, the
    row says how far it came. The same `key` again is the same payment, and asks the provider nothing more.
    Raises OperationRefused: `invalid_fields`, `customer_unknown`, `key_reused`, `payment_not_offered`.
    """
    if not 0 < amount_tiyn <= rules.LARGEST_TIYN:
        raise OperationRefused("invalid_fields", amount="amount_out_of_range")
    if not provider.caps.create or (as_link and not provider.caps.link):
        raise OperationRefused("payment_not_offered")
    with club.write() as work:
        customer = lock_customer(work, customer_id)
        phone = phone.strip() or customer.phone
        if provider.caps.needs_phone and not phone:
            raise OperationRefused("invalid_fields", phone="phone_missing")
        question = write_down(
            work,
            provider,
            customer_id=customer_id,
            amount_tiyn=amount_tiyn,
            key=key,
            actor=actor,
            phone=phone,
            as_link=as_link,
        )
    put(club, provider, question)
    return question.payment_id


def write_down(
    work: Work,
    provider: PaymentProvider,
    *,
    customer_id: int | None,
    amount_tiyn: int,
    key: str,
    actor: Actor,
    phone: str = "",
    as_link: bool = False,
) -> Question:
    """Write the payment down before the provider is asked (`put`). The caller holds the customer's lock.

    Refused with `key_reused`.
    """
    known = work.db.scalars(
        select(Payment).where(Payment.club_id == work.club_id, Payment.key == f"asked:{key}")
    ).one_or_none()
    if known is not None:
        if (known.customer_id, known.amount_tiyn) != (customer_id, amount_tiyn):
            raise OperationRefused("key_reused")
        return Question(known.id)
    payment = begin(
        work,
        provider=provider.name,
        customer_id=customer_id,
        amount_tiyn=amount_tiyn,
        key=f"asked:{key}",
        actor=actor,
    )
    payment.expires_at = payment.next_poll_at = work.now + _CREATE_PATIENCE_SECONDS
    journal.record(
        work,
        "payment.created",
        actor,
        customer_id=customer_id,
        payment_id=payment.id,
        amount_tiyn=amount_tiyn,
    )
    return Question(
        payment.id, Wanted(payment.merchant_ref, amount_tiyn, phone=phone, as_link=as_link)
    )


def put(club: ClubContext, provider: PaymentProvider, question: Question) -> None:
    """Ask the provider what was written down, and write down its answer. Waits for the provider."""
    if question.wanted is None:
        return
    wanted = question.wanted
    created: Created | Rejected | None = None
    try:
        created = answer_of(lambda: provider.create(wanted))
    except Rejected as rejected:
        created = rejected
    except OutcomeUnknown as error:
        log_no_answer(error, question.payment_id, asked="create")
    try:
        state = take_created(club, question.payment_id, created)
    except IntegrityError:
        # The provider calls another payment so: nobody knows which of them the payer is asked for.
        log.warning("payment_name_taken", payment_id=question.payment_id, provider=provider.name)
        state = take_created(club, question.payment_id, None)
    if state == "cancelled":
        # Taken back while the provider was thinking: it had no name then, by which to tell of it.
        _tell_taken_back(club, provider, question.payment_id)


def take_created(club: ClubContext, payment_id: int, created: Created | Rejected | None) -> str:
    """What the provider answered; None: nothing, so that nobody knows whether the payer is being asked.

    Returns how the payment stands: it may have been paid, told of or taken back faster than it was answered.
    """
    with club.write() as work:
        payment = locked(work, payment_id)
        if isinstance(created, Created):
            _take_question(work, payment, created)
        elif isinstance(created, Rejected) and payment.state in _UNANSWERED | {"cancelled"}:
            if payment.state != "cancelled":
                move(work, payment, "failed", BANK, detail=created.code)
            payment.next_poll_at = None  # nothing was made
        elif created is None and payment.state == "created":
            move(work, payment, "unknown", BANK)
            schedule(work, payment)
        return payment.state


def _take_question(work: Work, payment: Payment, created: Created) -> None:
    """The payer is being asked. Whatever has become of the payment meanwhile: under this name it can still be paid."""
    is_answered = bool(payment.provider_ref)
    payment.provider_ref = payment.provider_ref or created.provider_ref
    if payment.state not in rules.OPEN_STATES | rules.LOST_STATES:
        return
    payment.qr_payload, payment.pay_url = created.qr_payload, created.pay_url
    payment.poll_after_seconds = created.poll_after_seconds
    if payment.state in rules.OPEN_STATES or not is_answered:
        payment.expires_at = work.now + created.lasts_seconds
    if payment.state in _UNANSWERED or (payment.state == "expired" and not is_answered):
        move(work, payment, "pending", BANK)
    elif payment.customer_id is not None:
        work.tell(CustomerChanged(payment.customer_id))
    schedule(work, payment)


def record_payment(
    club: ClubContext,
    provider: PaymentProvider,
    *,
    customer_id: int,
    amount_tiyn: int,
    operation: str,
    key: str,
    actor: Actor,
) -> int:
    """A payment that a person at the desk saw in Kaspi Pay: on the balance at once, under its operation's number.

    An operation can be recorded once, for whomever. Raises OperationRefused: `invalid_fields`,
    `customer_unknown`, `operation_known`, `payment_not_offered`.
    """
    if not provider.caps.by_hand:
        raise OperationRefused("payment_not_offered")
    number = normal_operation(operation)
    problems = {}
    if not 0 < amount_tiyn <= rules.LARGEST_TIYN:
        problems["amount"] = "amount_out_of_range"
    if not rules.is_operation(number):
        problems["operation"] = "operation_malformed"
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    with club.write() as work:
        customer = lock_customer(work, customer_id)
        known = known_number(work, number)
        if known is not None:
            same = (known.key, known.customer_id, known.amount_tiyn)
            if same == (f"recorded:{key}", customer_id, amount_tiyn):
                return known.id
            raise OperationRefused("invalid_fields", operation="operation_known")
        try:
            payment = begin(
                work,
                provider=provider.name,
                customer_id=customer_id,
                amount_tiyn=amount_tiyn,
                key=f"recorded:{key}",
                actor=actor,
                provider_ref=number,
            )
        except IntegrityError as error:  # recorded at this very moment for somebody else
            raise OperationRefused("invalid_fields", operation="operation_known") from error
        payment.paid_tiyn, payment.paid_at = amount_tiyn, work.now
        payment.poll_after_seconds = 0  # there is nobody to ask
        credit(work, payment, customer, actor)
        return payment.id


def accept(club: ClubContext, *, payment_id: int, actor: Actor) -> None:
    """A person has looked at a payment that came otherwise than it was asked for: credit what was paid.

    Accepting twice is accepting once. Raises OperationRefused: `payment_unknown`, `payment_not_in_review`,
    `customer_unknown`, `invalid_fields` (an amount beyond what a top-up may be).
    """
    with club.write() as work:
        payment = locked(work, payment_id)
        if payment.posting_id is not None:
            return
        if payment.state != "review" or not payment.paid_tiyn:
            raise OperationRefused("payment_not_in_review")
        customer = payer(work, payment.customer_id)
        if customer is None and payment.customer_id is not None:
            raise OperationRefused("customer_unknown")
        note(work, payment, "accepted", actor, amount_tiyn=payment.paid_tiyn)
        if customer is None:
            keep_as_credit(work, payment)
        else:
            credit(work, payment, customer, actor)


def cancel(club: ClubContext, payments: Payments, *, payment_id: int, actor: Actor) -> None:
    """Somebody takes the question back. If it is paid all the same, it is credited all the same.

    Raises OperationRefused: `payment_unknown`, `payment_not_open`.
    """
    with club.write() as work:
        payment = locked(work, payment_id)
        if payment.state not in rules.OPEN_STATES:
            raise OperationRefused("payment_not_open")
        take_back(work, payment, actor)
    tell_taken_back(club, payments, payment_id)


def take_back(work: Work, payment: Payment, actor: Actor) -> None:
    """The locked payment is no longer asked for here; `tell_taken_back` tells its provider, after the commit."""
    move(work, payment, "cancelled", actor)
    schedule(work, payment)


def tell_taken_back(club: ClubContext, payments: Payments, payment_id: int) -> None:
    """Tell the provider that a payment was taken back, where it wants to know. Waits for the provider."""
    with club.read() as db:
        provider = payments.named(db.get_one(Payment, payment_id).provider)
    if provider is not None:
        _tell_taken_back(club, provider, payment_id)


def _tell_taken_back(club: ClubContext, provider: PaymentProvider, payment_id: int) -> None:
    with club.read() as db:
        provider_ref = db.get_one(Payment, payment_id).provider_ref
    if not provider.caps.cancel or not provider_ref:
        return
    try:
        answer_of(lambda: provider.cancel(provider_ref))
    except (Rejected, OutcomeUnknown) as error:
        log_no_answer(error, payment_id, asked="cancel")
        with club.write() as work:
            payment = locked(work, payment_id)
            note(work, payment, "cancel_failed", BANK, detail=type(error).__name__)
