"""`settle`: where every confirmation ends, whoever brings it; what is credited is credited exactly once.

Webhook and poller both come here. One transaction takes the payment's lock, looks whether the same thing was told
before, decides (`rules.decide`), books, writes the story and keeps the reply. Until it is committed nothing has
happened, and it is committed before anybody is answered. Three things each forbid a second credit: the event's
own key, the payment's state under its lock, and the posting's key in the ledger.
"""

from sqlalchemy import and_, case, or_, select
from sqlalchemy.exc import IntegrityError

from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers.belonging import find as find_customer
from lovhub.server.customers.belonging import sharing
from lovhub.server.customers.models import Customer
from lovhub.server.database.engine import DatabaseBusy
from lovhub.server.journal import service as journal
from lovhub.server.payments import rules
from lovhub.server.payments.models import Payment, PaymentOrder, ProviderEvent
from lovhub.server.payments.orders import carry_out, order_of
from lovhub.server.payments.providers.contract import Event, Outcome, PaymentProvider, Reply
from lovhub.server.payments.refunds import add_refund, confirm_refunds
from lovhub.server.payments.rows import BANK, begin, move, note, payer, schedule

PATIENCE_SECONDS = 8.0
"""Kaspi hangs up after 15 seconds: before that it is told to ask again."""


def settle(club: ClubContext, provider: PaymentProvider, event: Event) -> Reply:
    """Take in what the provider says and give the reply for it."""
    if event.kind == "check":
        return provider.reply(event, _check(club, event))
    if event.kind == "ignore":
        return provider.reply(event, Outcome("refused"))
    try:
        try:
            return _settle(club, provider, event)
        except IntegrityError:
            # The same was told at this very moment with other figures, and was first: now it can be compared.
            return _settle(club, provider, event)
    except DatabaseBusy:
        return provider.reply(event, Outcome("busy"))


def _check(club: ClubContext, event: Event) -> Outcome:
    """Changes nothing, however often it comes."""
    customer_id = rules.customer_of_number(event.merchant_ref)
    with club.read() as db:
        customer = None if customer_id is None else find_customer(db, club.club_id, customer_id)
        if customer is None:
            return Outcome("unknown_account")
        club_name = club_service.get(db, club.club_id).name
    return Outcome("payable", club_name=club_name, payer_name=rules.masked(customer.name))


def _settle(club: ClubContext, provider: PaymentProvider, event: Event) -> Reply:
    with club.write(PATIENCE_SECONDS) as work:
        order: PaymentOrder | None = None
        payment = _find(work, provider, event)
        if payment is None and provider.caps.customer_initiated:
            # Whoever pays under this number now waits for whoever pays under it already.
            customer = payer(work, rules.customer_of_number(event.merchant_ref))
        else:
            # PCs before customers: the order of all locks.
            order = order_of(work, payment) if payment is not None else None
            customer = payer(work, payment.customer_id) if payment is not None else None
        earlier = _told_before(work, provider, event)
        if earlier is not None:
            if payment is not None:
                schedule(work, payment)
            return _again(work, provider, event, earlier)
        if payment is None and customer is not None and event.kind == "paid":
            payment = _begin_told(work, provider, event, customer)
        if payment is None:
            return _nobody(work, provider, event)
        outcome = _take_in(club, work, provider, event, payment, order, customer)
        reply = provider.reply(event, outcome)
        # What is not decided for good must not be frozen: its repetition may yet succeed.
        if event.kind != "pending" and outcome.code in {"credited", "review", "noted"}:
            work.db.add(
                ProviderEvent(
                    club_id=work.club_id,
                    provider=provider.name,
                    event_key=event.event_key,
                    figures=_figures(event),
                    payment_id=payment.id,
                    received_at=work.now,
                    reply_status=reply.status,
                    reply_type=reply.content_type,
                    reply_body=reply.body,
                )
            )
            work.db.flush()
        return reply


def _told_before(work: Work, provider: PaymentProvider, event: Event) -> ProviderEvent | None:
    """The same, as it was taken in. Kaspi may be given another club of the chain to call: the balance is one."""
    own = work.db.get(ProviderEvent, (work.club_id, provider.name, event.event_key))
    if own is not None or not provider.caps.customer_initiated:
        return own
    return work.db.scalars(
        select(ProviderEvent)
        .where(
            ProviderEvent.club_id.in_(sharing(work.club_id)),
            ProviderEvent.provider == provider.name,
            ProviderEvent.event_key == event.event_key,
            ProviderEvent.figures == _figures(event),
        )
        .limit(1)
    ).one_or_none()


def _find(work: Work, provider: PaymentProvider, event: Event) -> Payment | None:
    """The payment, locked: by the provider's own name for it, else by ours."""
    named = Payment.provider_ref == event.provider_ref
    found = work.db.scalars(
        select(Payment)
        .where(
            Payment.club_id == work.club_id,
            Payment.provider == provider.name,
            or_(
                and_(Payment.provider_ref != "", named),
                Payment.merchant_ref == event.merchant_ref,
            ),
        )
        .order_by(case((named, 0), else_=1))
        .limit(1)
        .with_for_update()
    ).one_or_none()
    if found is None or event.kind != "paid":
        return found
    if event.provider_ref and found.provider_ref not in {"", event.provider_ref}:
        # Paid a second time for the same question, under another name: that is money, too.
        return _second(work, provider, event, found)
    return found


def _second(work: Work, provider: PaymentProvider, event: Event, first: Payment) -> Payment:
    payment = begin(
        work,
        provider=provider.name,
        customer_id=first.customer_id,
        amount_tiyn=event.amount_tiyn or first.amount_tiyn,
        key=f"second:{provider.name}:{event.provider_ref}",
        provider_ref=event.provider_ref,
    )
    note(work, payment, "second_of", BANK, payment_id=first.id)
    journal.raise_alarm(work, "payment_second", payment_id=payment.id)
    return payment


def _begin_told(
    work: Work, provider: PaymentProvider, event: Event, customer: Customer
) -> Payment | None:
    """A payment that nobody asked for: the customer came by themselves."""
    if not event.amount_tiyn:
        return None
    payment = begin(
        work,
        provider=provider.name,
        customer_id=customer.id,
        amount_tiyn=event.amount_tiyn,
        key=f"{provider.name}:{event.provider_ref}",
        provider_ref=event.provider_ref,
    )
    payment.poll_after_seconds = 0  # whoever tells by themselves is not asked
    return payment


def _figures(event: Event) -> str:
    return f"{event.kind} {event.amount_tiyn} {event.currency} {event.merchant_ref}" + (
        "" if event.gone_back_tiyn is None else f" {event.gone_back_tiyn}"
    )


def _again(work: Work, provider: PaymentProvider, event: Event, earlier: ProviderEvent) -> Reply:
    if earlier.figures == _figures(event):
        return Reply(earlier.reply_status, earlier.reply_type, earlier.reply_body)
    journal.raise_alarm(work, "payment_conflict", payment_id=earlier.payment_id)
    return provider.reply(event, Outcome("conflict", earlier.payment_id))


def _nobody(work: Work, provider: PaymentProvider, event: Event) -> Reply:
    if event.kind == "paid" and not provider.caps.customer_initiated:
        journal.raise_alarm(work, "payment_unknown", provider_ref=event.provider_ref)
    return provider.reply(event, Outcome("unknown_account"))


def _take_refunds(work: Work, payment: Payment, event: Event) -> None:
    if event.refunded_tiyn is not None:
        confirm_refunds(work, payment, event.refunded_tiyn)
    if event.gone_back_tiyn is not None:
        add_refund(work, payment, event.gone_back_tiyn)


def _take_in(
    club: ClubContext,
    work: Work,
    provider: PaymentProvider,
    event: Event,
    payment: Payment,
    order: PaymentOrder | None,
    customer: Customer | None,
) -> Outcome:
    decision = rules.decide(
        payment.state,  # type: ignore[arg-type]  # the column holds states
        payment.amount_tiyn,
        rules.Told(event.kind, event.amount_tiyn, event.currency, event.sandbox),
        takes_sandbox=provider.takes_sandbox,
        payer_is_there=customer is not None or payment.customer_id is None,
    )
    if decision.alarm:
        journal.raise_alarm(work, decision.alarm, payment_id=payment.id)
    if decision.action == "refuse":
        return Outcome("refused", payment.id)
    if event.provider_ref and not payment.provider_ref:
        payment.provider_ref = event.provider_ref
    if event.kind == "paid" and decision.action in {"credit", "review"}:
        told_tiyn = payment.amount_tiyn if event.amount_tiyn is None else event.amount_tiyn
        payment.paid_tiyn = told_tiyn if event.currency == rules.CURRENCY else 0
        payment.paid_at = rules.came_at(event.occurred_at, work.now)
    if decision.action == "credit":
        carry_out(club, work, payment, order, customer, late=decision.late)
    elif decision.state is not None and decision.state != payment.state:
        move(work, payment, decision.state, BANK, detail=event.detail)
    _take_refunds(work, payment, event)
    schedule(work, payment)
    if decision.alarm == "payment_conflict":
        return Outcome("conflict", payment.id)
    if event.kind != "paid":
        return Outcome("noted", payment.id)
    return Outcome("review" if payment.state == "review" else "credited", payment.id)
