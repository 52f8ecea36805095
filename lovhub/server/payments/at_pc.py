"""A signed-in customer pays at the PC: asking, taking back, and what the PC shows of it.

Nothing here waits for a provider: a PC's other frames wait behind each request. What `ask` wrote down is put to the
provider afterwards (`service.put`), in a thread of its own, and its answer comes to the PC as news of the customer.
"""

import segno
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lovhub.protocol.views import CodeView, PaidView, PaymentView, PayView
from lovhub.server.actor import Actor
from lovhub.server.club import service as club_service
from lovhub.server.club.rules import usual_top_ups
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.models import LedgerPosting
from lovhub.server.payments import rules
from lovhub.server.payments.models import Payment, PaymentStep
from lovhub.server.payments.providers.contract import PaymentProvider
from lovhub.server.payments.service import Question, take_back, write_down
from lovhub.server.payments.settings import Payments
from lovhub.server.sessions.locks import lock_customer

SHOWN_SECONDS = 600
"""So long after its end a question, and after its coming the money, is shown at the PC."""

_ASKED_HERE = Payment.key.like("asked:pc:%")


def ask(
    club: ClubContext,
    payments: Payments,
    *,
    computer_id: int,
    customer_id: int,
    amount_tiyn: int,
    request_id: str,
    actor: Actor,
) -> tuple[PaymentProvider, Question, list[int]]:
    """Write down what the customer asks for; also which earlier questions were taken back for it.

    The same amount while it is open is the same question. Refused with `payment_not_offered`, `phone_missing`,
    `amount_out_of_range`, `too_many_attempts`.
    """
    provider = payments.main
    if provider is None or not provider.caps.create or provider.caps.at_desk_only:
        raise OperationRefused("payment_not_offered")
    if not payments.at_pc.allow(amount_tiyn):
        raise OperationRefused("amount_out_of_range")
    while (
        found := _ask(
            club,
            provider,
            computer_id=computer_id,
            customer_id=customer_id,
            amount_tiyn=amount_tiyn,
            request_id=request_id,
            actor=actor,
        )
    ) is None:
        pass  # another press was faster: what it wrote down is looked at now
    question, taken_back = found
    return provider, question, taken_back


def _ask(
    club: ClubContext,
    provider: PaymentProvider,
    *,
    computer_id: int,
    customer_id: int,
    amount_tiyn: int,
    request_id: str,
    actor: Actor,
) -> tuple[Question, list[int]] | None:
    """One try; None if the open questions changed before the customer's lock was had."""
    with club.write() as work:
        asked_here = (
            Payment.club_id == work.club_id,
            Payment.customer_id == customer_id,
            _ASKED_HERE,
        )
        is_open = Payment.state.in_(rules.OPEN_STATES)
        # Payments before customers: the order of all locks.
        earlier = work.db.scalars(
            select(Payment).where(*asked_here, is_open).order_by(Payment.id).with_for_update()
        ).all()
        customer = lock_customer(work, customer_id)
        now_open = work.db.scalars(
            select(Payment.id).where(*asked_here, is_open).order_by(Payment.id)
        ).all()
        if now_open != [payment.id for payment in earlier]:
            return None
        if provider.caps.needs_phone and not customer.phone:
            raise OperationRefused("phone_missing")
        for payment in earlier:
            if payment.amount_tiyn == amount_tiyn and payment.state != "unknown":
                return Question(payment.id), []
        recent = work.db.scalar(
            select(func.count()).where(
                *asked_here, Payment.created_at > work.now - rules.ASKED_WITHIN_SECONDS
            )
        )
        if (recent or 0) >= rules.MOST_ASKED:
            raise OperationRefused("too_many_attempts")
        question = write_down(
            work,
            provider,
            customer_id=customer_id,
            amount_tiyn=amount_tiyn,
            key=f"pc:{computer_id}:{request_id}",
            actor=actor,
            phone=customer.phone,
        )
        for payment in earlier:
            take_back(work, payment, actor)
        return question, [payment.id for payment in earlier]


def drop(club: ClubContext, *, customer_id: int, payment_id: int, actor: Actor) -> None:
    """The customer takes their question back; one that is over stays as it is.

    Refused with `payment_not_open` for what is not theirs.
    """
    with club.write() as work:
        payment = work.db.scalars(
            select(Payment)
            .where(
                Payment.id == payment_id,
                Payment.club_id == work.club_id,
                Payment.customer_id == customer_id,
                _ASKED_HERE,
            )
            .with_for_update()
        ).one_or_none()
        if payment is None:
            raise OperationRefused("payment_not_open")
        if payment.state in rules.OPEN_STATES:
            take_back(work, payment, actor)


def view(
    db: Session, club_id: int, payments: Payments, customer_id: int, now: int
) -> PayView | None:
    """How this customer may pay at a PC, and what became of it; None where the club offers nothing."""
    provider = payments.main
    if provider is None or not (provider.caps.create or provider.caps.customer_initiated):
        return None
    if provider.caps.at_desk_only:
        return None
    paid = _paid(db, customer_id, now)
    if not provider.caps.create:
        return PayView(
            way="number",
            number=rules.payment_number(customer_id),
            service=payments.service or club_service.get(db, club_id).name,
            paid=paid,
        )
    limits = payments.at_pc
    usual = [100 * whole for whole in usual_top_ups(club_service.get(db, club_id).currency)]
    return PayView(
        way="phone" if provider.caps.needs_phone else "code",
        smallest_tiyn=limits.smallest_tiyn,
        largest_tiyn=limits.largest_tiyn,
        amounts_tiyn=tuple(sorted(amount for amount in usual if limits.allow(amount))),
        asked=_asked(db, club_id, customer_id, now),
        paid=paid,
    )


def _asked(db: Session, club_id: int, customer_id: int, now: int) -> PaymentView | None:
    payment = db.scalars(
        select(Payment)
        .where(Payment.club_id == club_id, Payment.customer_id == customer_id, _ASKED_HERE)
        .order_by(Payment.id.desc())
        .limit(1)
    ).one_or_none()
    if payment is None or payment.state not in rules.SHOWN_AT_PC:
        return None
    if payment.state not in rules.OPEN_STATES and payment.expires_at < now - SHOWN_SECONDS:
        return None
    content = payment.qr_payload or payment.pay_url
    return PaymentView(
        payment_id=payment.id,
        amount_tiyn=payment.amount_tiyn,
        state=rules.SHOWN_AT_PC[payment.state],
        expires_at=payment.expires_at,
        code=code_of(content) if content and payment.state == "pending" else None,
    )


def _paid(db: Session, customer_id: int, now: int) -> PaidView | None:
    """The last money by Kaspi, whichever way it came; by when it was booked, not by the bank's date."""
    found = db.execute(
        select(Payment.id, Payment.paid_tiyn)
        .join(LedgerPosting, LedgerPosting.id == Payment.posting_id)
        .where(Payment.customer_id == customer_id, LedgerPosting.at >= now - SHOWN_SECONDS)
        .order_by(LedgerPosting.at.desc(), LedgerPosting.id.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    late = db.scalar(
        select(PaymentStep.id)
        .where(PaymentStep.payment_id == found.id, PaymentStep.kind == "paid_late")
        .limit(1)
    )
    return PaidView(payment_id=found.id, amount_tiyn=found.paid_tiyn, late=late is not None)


def code_of(content: str) -> CodeView:
    """The QR code of a text, as a PC draws it."""
    matrix = segno.make(content, error="m").matrix
    bits = [module & 1 for row in matrix for module in row]
    bits += [0] * (-len(bits) % 8)
    packed = bytes(
        int("".join(map(str, bits[start : start + 8])), 2) for start in range(0, len(bits), 8)
    )
    return CodeView(size=len(matrix), modules=packed)
