"""Kaspi at the desk: what a person must show for money that they say came by it.

Every operation that books from `kaspi` in a person's name ends here (`Work.finish`), whichever page or call it came
from and whoever the person is: no sale, top-up or extension goes past it.
"""

from functools import partial

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lovhub.server.context import ClubContext, Work
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.models import LedgerTransfer
from lovhub.server.payments import rules
from lovhub.server.payments.models import Payment
from lovhub.server.payments.reconciling import normal_operation
from lovhub.server.payments.rows import begin, note
from lovhub.server.payments.settings import Payments

BY_HAND = "manual"
"""The provider under whose name a number is kept that a person typed, in whatever mode."""


def install(club: ClubContext, payments: Payments) -> None:
    """Ask from now on what the club's way of taking Kaspi asks."""
    club.kaspi_desk.check = partial(_check, payments)


def _check(payments: Payments, work: Work) -> None:
    """Refused with `kaspi_by_code`, `kaspi_by_payment_number`, or `invalid_fields` (operation) for a wrong number."""
    booked = work.kaspi.postings
    if not booked or work.kaspi.known or payments.at_desk == "nothing":
        return
    # The desk of the demonstration's virtual club has no telephone to scan with: it types numbers.
    if payments.at_desk == "code" and not (payments.mode == "fake" and work.kaspi.number):
        raise OperationRefused("kaspi_by_code")
    work.db.flush()
    customer_id = _customer_of(work, booked[0][0])
    if payments.at_desk == "number_of_guests" and customer_id is not None:
        raise OperationRefused("kaspi_by_payment_number")
    number = normal_operation(work.kaspi.number)
    if not number:
        raise OperationRefused("invalid_fields", operation="operation_missing")
    if not rules.is_operation(number):
        raise OperationRefused("invalid_fields", operation="operation_malformed")
    if known_number(work, number):
        raise OperationRefused("invalid_fields", operation="operation_known")
    posting_id, _amount, actor = booked[0]
    amount_tiyn = sum(amount for _, amount, _ in booked)
    try:
        payment = begin(
            work,
            provider=BY_HAND,
            customer_id=customer_id,
            amount_tiyn=amount_tiyn,
            key=f"desk:{posting_id}",
            actor=actor,
            provider_ref=number,
        )
    except IntegrityError as error:  # used at this very moment for something else
        raise OperationRefused("invalid_fields", operation="operation_known") from error
    payment.paid_tiyn, payment.paid_at = amount_tiyn, work.now
    payment.posting_id, payment.state = posting_id, "paid"
    kind = "sold" if customer_id is None else "paid"
    note(work, payment, kind, actor, amount_tiyn=amount_tiyn)


def known_number(work: Work, number: str) -> Payment | None:
    """The payment that has this number already, whoever told of it."""
    return work.db.scalars(
        select(Payment)
        .where(Payment.club_id == work.club_id, Payment.provider_ref == number)
        .order_by(Payment.id)
        .limit(1)
    ).one_or_none()


def _customer_of(work: Work, posting_id: int) -> int | None:
    """Whose balance a posting filled; None for a sale."""
    return work.db.scalar(
        select(Customer.id)
        .join(LedgerTransfer, LedgerTransfer.credit_account_id == Customer.balance_account_id)
        .where(LedgerTransfer.posting_id == posting_id)
    )
