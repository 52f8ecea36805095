"""How a payment stands at its provider once the bank's day is over: theirs, where nobody uploads a registry.

Who gives money back in Kaspi's own program leaves the books as they were, and some providers tell nobody. So each
payment that came, and each that went back, is asked about once more at night, and what is answered stands in the
comparison (`bank.py`).
"""

from sqlalchemy import select

from lovhub.server.context import ClubContext, Work
from lovhub.server.payments import bank, rules
from lovhub.server.payments.asking import (
    Heard,
    answer_of,
    heard_in,
    log_no_answer,
    log_not_settled,
)
from lovhub.server.payments.models import Payment, Refund
from lovhub.server.payments.providers.contract import (
    Event,
    OutcomeUnknown,
    PaymentProvider,
    Rejected,
)
from lovhub.server.payments.reconciling import normal_operation
from lovhub.server.payments.refunds import confirm_refunds, locked
from lovhub.server.payments.settings import Payments


def can_ask(provider: PaymentProvider | None) -> bool:
    """Whether somebody answers at night. A terminal on the desk is asked by people only."""
    return provider is not None and provider.caps.poll and not provider.caps.at_desk_only


def names(payments: Payments) -> list[str]:
    """Of the providers that are asked at night."""
    return [name for name, one in (payments.providers or {}).items() if can_ask(one)]


def ask(club: ClubContext, provider: PaymentProvider | None, payment_id: int) -> Heard | None:
    """Ask about a paid payment and keep the answer; without one it is asked again in an hour, for some days.

    None: there is nobody to ask.
    """
    with club.read() as db:
        payment = db.get_one(Payment, payment_id)
    if provider is None or not can_ask(provider):
        with club.write() as work:
            locked(work, payment_id).next_poll_at = None
        return None
    try:
        event, returned_tiyn = answer_of(lambda: _answer(provider, payment))
    except (OutcomeUnknown, Rejected) as error:
        log_no_answer(error, payment_id, asked="fetch_at_night")
        _put_off(club, payment_id)
        return heard_in(error)
    try:
        with club.write() as work:
            bank.wait_for_other_registries(work)
            _keep(work, locked(work, payment_id), event, returned_tiyn)
    except Exception as error:  # noqa: BLE001 (of this payment only, whatever it is)
        # Of this payment only: tonight there are others.
        log_not_settled(error, payment_id)
        _put_off(club, payment_id)
        return "not_settled"
    return "answered"


def _answer(provider: PaymentProvider, payment: Payment) -> tuple[Event, int | None]:
    event = provider.fetch(payment.provider_ref, payment.merchant_ref)
    returned_tiyn = event.refunded_tiyn
    if returned_tiyn is None:
        returned_tiyn = provider.returned_tiyn(payment.provider_ref)
    return event, returned_tiyn


def _put_off(club: ClubContext, payment_id: int) -> None:
    with club.write() as work:
        payment = locked(work, payment_id)
        is_old = work.now - (payment.paid_at or 0) > rules.GRACE_SECONDS
        later = work.now + rules.ASKED_AGAIN_AFTER_SECONDS
        payment.next_poll_at = None if is_old else later


def _keep(work: Work, payment: Payment, event: Event, returned_tiyn: int | None) -> None:
    payment.next_poll_at = None
    if not payment.provider_ref:
        return
    operation = normal_operation(payment.provider_ref)
    if event.kind not in {"paid", "refunded"}:
        # They know of no money. That they have been asked is kept, so that it stands as a difference from now on.
        bank.keep_answer(work, operation, [(payment.paid_at or work.now, 0)], tells_what_went=True)
        return
    if returned_tiyn is not None:
        confirm_refunds(work, payment, returned_tiyn)
    ours = work.db.execute(
        select(Refund.asked_at, Refund.amount_tiyn)
        .where(Refund.payment_id == payment.id, Refund.state != "rejected")
        .order_by(Refund.id)
    ).all()
    came_tiyn = payment.paid_tiyn if event.amount_tiyn is None else event.amount_tiyn
    (first, *known), besides_tiyn = rules.told_by_provider(
        came_tiyn, returned_tiyn, [amount for _at, amount in ours]
    )
    came_at = payment.paid_at or work.now
    lines = [(came_at, first)]
    lines += [(at, amount) for (at, _ours), amount in zip(ours, known, strict=False)]
    if besides_tiyn:
        lines.append((came_at, -besides_tiyn))
    bank.keep_answer(work, operation, lines, tells_what_went=returned_tiyn is not None)
