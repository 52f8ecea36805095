"""Sales at the desk that wait for Kaspi: written down with their payment, carried out when the money has come, once.

An order is one of the desk's own operations with what the cashier said, to the letter. It is tried when it is placed
and undone (`Work.attempt`), so that nobody is asked to pay for what cannot be sold; and done in the very transaction
that credits the payment. If it cannot be done any more, the money is not lost: it is on the customer's balance, or,
of a guest, in an account of its own until the desk gives it to somebody.
"""

import json
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lovhub.server.actor import Actor
from lovhub.server.bus import CustomerChanged
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers import owing
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.goods import service as goods
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CUSTOMER_BALANCE, DESK_CREDIT, KASPI
from lovhub.server.ledger.service import Account, Transfer
from lovhub.server.loyalty.queries import bonus_of
from lovhub.server.payments import rules
from lovhub.server.payments.models import Payment, PaymentOrder
from lovhub.server.payments.order_words import read, written
from lovhub.server.payments.providers.contract import PaymentProvider
from lovhub.server.payments.refunds import locked
from lovhub.server.payments.rows import BANK, ask_again, credit, keep_as_credit, note
from lovhub.server.payments.service import Question, put, write_down
from lovhub.server.payments.settings import Payments
from lovhub.server.sessions import codes, group_sale
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.locks import lock_computer, lock_customer, lock_sessions
from lovhub.server.sessions.models import IS_LIVE, PlaySession
from lovhub.server.sessions.reserve import balance_changed, lock_sittings_of
from lovhub.server.sessions.till import Till

OPERATIONS: Mapping[str, Callable[..., object]] = {
    "guest": sessions.seat_guest,
    "code": codes.sell_seat_code,
    "buy": sessions.buy,
    "more": sessions.sell_more,
    "together": group_sale.sell_together,
    "goods": goods.sell,
}
"""What may be ordered, by the name that is kept. Each takes `key` and `actor` besides its arguments."""


@dataclass(frozen=True)
class Order:
    """An operation, what it is told besides key and actor, and the PCs that it is about."""

    operation: str
    arguments: Mapping[str, Any]
    computer_ids: Collection[int] = ()


class _Tried(Exception):
    """It would go through: undo it."""


def place(
    club: ClubContext,
    payments: Payments,
    order: Order,
    *,
    amount_tiyn: int,
    customer_id: int | None,
    phone: str,
    key: str,
    actor: Actor,
) -> int:
    """Ask for the part of a sale that is paid by Kaspi; returns the payment's id. The same `key` again asks once.

    Refused as the operation is, and with `payment_not_offered`, `phone_missing`, `key_reused`.
    """
    provider = payments.main
    if provider is None or not provider.caps.create:
        raise OperationRefused("payment_not_offered")
    if not 0 < amount_tiyn <= rules.LARGEST_TIYN:
        raise OperationRefused("amount_out_of_range")
    with club.write() as work:
        for computer_id in sorted(order.computer_ids):
            lock_computer(work, computer_id)
        customer = None if customer_id is None else lock_customer(work, customer_id)
        phone = phone.strip() or (customer.phone if customer is not None else "")
        if provider.caps.needs_phone and not phone:
            raise OperationRefused("invalid_fields", phone="phone_missing")
        question = _write_down(
            work, provider, amount_tiyn, customer_id, key=key, actor=actor, phone=phone
        )
        if question.wanted is None:
            _check_same(work, question.payment_id, order)
        else:
            _try(club, work, order, customer, amount_tiyn, key=key, actor=actor)
            _keep(work, question.payment_id, order, actor)
    put(club, provider, question)
    return question.payment_id


def _write_down(
    work: Work,
    provider: PaymentProvider,
    amount_tiyn: int,
    customer_id: int | None,
    *,
    key: str,
    actor: Actor,
    phone: str,
) -> Question:
    return write_down(
        work,
        provider,
        customer_id=customer_id,
        amount_tiyn=amount_tiyn,
        key=f"order:{key}",
        actor=actor,
        phone=phone,
    )


def _try(
    club: ClubContext,
    work: Work,
    order: Order,
    customer: Customer | None,
    amount_tiyn: int,
    *,
    key: str,
    actor: Actor,
) -> None:
    """Do it all and undo it again; refused as the operation is."""
    with suppress(_Tried), work.attempt():
        work.kaspi.known = True
        if customer is not None:
            _as_if_paid(work, customer, amount_tiyn)
        _do(club, work, order, key=f"try:{key}", actor=actor)
        _check_booked(work, 0 if customer is not None else amount_tiyn)
        work.finish()
        raise _Tried
    work.kaspi.known = False


def _as_if_paid(work: Work, customer: Customer, amount_tiyn: int) -> None:
    balance = Account(customer.balance_account_id, CUSTOMER_BALANCE.unit)
    source = ledger.club_account(work, KASPI)
    transfers = [Transfer(source, balance, amount_tiyn)]
    ledger.post(work, key=f"try:{customer.id}", kind="top_up", transfers=transfers, actor=BANK)


def _keep(work: Work, payment_id: int, order: Order, actor: Actor) -> None:
    work.db.add(
        PaymentOrder(
            payment_id=payment_id,
            operation=order.operation,
            arguments=written(order.arguments),
            seats=sorted(_who_sits(work, order.computer_ids).items()),
            actor_id=actor.id,
            actor_name=actor.name,
            actor_role=actor.role,
        )
    )
    work.db.flush()


def booked_as(payment_id: int) -> str:
    """The key under which what waits for a payment is done."""
    return f"order:{payment_id}"


def code_sold(club: ClubContext, db: Session, payment_id: int) -> str:
    """The guest's code that a payment has bought, for ten minutes or until it is typed; "" otherwise."""
    sold = codes.sold_as(club, db, booked_as(payment_id))
    return "" if sold is None else sold.code


def order_of(work: Work, payment: Payment) -> PaymentOrder | None:
    """What waits for this payment, with its PCs locked; None where nothing does."""
    order = work.db.get(PaymentOrder, payment.id)
    if order is None or order.state != "waiting":
        return None
    for computer_id, _session_id in sorted(order.seats):
        try:
            lock_computer(work, computer_id)
        except OperationRefused:
            continue  # gone meanwhile: the operation says so
    return order


def carry_out(
    club: ClubContext,
    work: Work,
    payment: Payment,
    order: PaymentOrder | None,
    customer: Customer | None,
    *,
    late: bool,
) -> None:
    """The money has come: put it where it belongs, and do what was ordered, if it can still be done.

    After the payment's end nothing is sold any more: the desk may have sold it otherwise by then.
    """
    had_tiyn = 0
    if customer is not None:
        had_tiyn = bonus_of(work.db, customer)
        credit(work, payment, customer, BANK, late=late)
    refusal = "order_late" if late else ""
    if order is not None and not refusal:
        refusal = _refusal(club, work, payment, order, had_tiyn)
    if order is not None:
        order.state, order.refusal = ("failed", refusal) if refusal else ("done", "")
        kind = "order_failed" if refusal else "order_done"
        note(work, payment, kind, BANK, **({"detail": refusal} if refusal else {}))
        if refusal:
            journal.raise_alarm(work, "payment_order_failed", payment_id=payment.id)
    if customer is not None:
        return
    if order is None or refusal:
        keep_as_credit(work, payment)
    else:
        note(work, payment, "sold", BANK, amount_tiyn=payment.paid_tiyn)
        ask_again(work, payment)


def _refusal(
    club: ClubContext, work: Work, payment: Payment, order: PaymentOrder, had_tiyn: int
) -> str:
    """Do it; "" if it was done. `had_tiyn`: bonuses from before the payment, whose own are for the next purchase."""
    actor = Actor("staff", order.actor_id, order.actor_name, role=order.actor_role)
    seats: dict[int, int | None] = dict(order.seats)
    arguments = read(order.arguments)
    match arguments.get("till"):
        case Till(bonus_tiyn=shown) as till:
            most_tiyn = had_tiyn if shown is None else min(had_tiyn, shown)
            arguments["till"] = replace(till, most_bonus_tiyn=most_tiyn)
    placed = Order(order.operation, arguments, seats)
    key = booked_as(payment.id)
    work.kaspi.known = True
    try:
        with work.attempt():
            _check_seats(work, seats)
            _do(club, work, placed, key=key, actor=actor)
            _check_booked(work, 0 if payment.customer_id is not None else payment.paid_tiyn)
            if payment.posting_id is None:
                payment.posting_id = _first_posting(work, order.operation, key)
                payment.state = "paid"
                work.db.flush()
    except OperationRefused as refused:
        return refused.code
    return ""


def _do(club: ClubContext, work: Work, order: Order, *, key: str, actor: Actor) -> None:
    OPERATIONS[order.operation](club.within(work), **order.arguments, key=key, actor=actor)


def _check_booked(work: Work, amount_tiyn: int) -> None:
    """Refused with `price_changed` unless so much is booked as coming from Kaspi; nothing, where a balance pays."""
    booked_tiyn = sum(amount for _, amount, _ in work.kaspi.postings)
    if booked_tiyn != amount_tiyn:
        raise OperationRefused("price_changed")


def _check_same(work: Work, payment_id: int, order: Order) -> None:
    """Refused with `key_reused` where the key was another order's."""
    known = work.db.get(PaymentOrder, payment_id)
    said = json.loads(json.dumps(written(order.arguments)))
    if known is None or (known.operation, known.arguments) != (order.operation, said):
        raise OperationRefused("key_reused")


def _first_posting(work: Work, operation: str, key: str) -> int:
    booked = f"goods:{key}" if operation == "goods" else key
    posting = ledger.find_posting(work.db, work.club_id, booked)
    if posting is None:
        raise OperationRefused("order_late")
    return posting.id


def _check_seats(work: Work, seats: Mapping[int, int | None]) -> None:
    """Refused with `seat_taken` where somebody else sits by now, or whoever sat there has gone."""
    if _who_sits(work, seats) != seats:
        raise OperationRefused("seat_taken")


def _who_sits(work: Work, computer_ids: Collection[int]) -> dict[int, int | None]:
    """The session at each PC, locked; None where there is none."""
    if not computer_ids:
        return {}
    lock_sessions(work, PlaySession.computer_id.in_(computer_ids))
    live = work.db.execute(
        select(PlaySession.computer_id, PlaySession.id).where(
            PlaySession.computer_id.in_(computer_ids), IS_LIVE
        )
    )
    return {**dict.fromkeys(computer_ids), **dict(iter(live))}


# --- credit of a guest --------------------------------------------------------------------------------


def give_credit(club: ClubContext, *, payment_id: int, customer_id: int, actor: Actor) -> None:
    """Put what a guest paid for nothing on a customer's balance, whole. Twice is once.

    Refused with `payment_unknown`, `customer_unknown`, `payment_without_credit`.
    """
    with club.write() as work:
        payment = locked(work, payment_id)
        if payment.customer_id == customer_id:
            return
        if payment.credit_account_id is None or payment.customer_id is not None:
            raise OperationRefused("payment_without_credit")
        customer = lock_customer(work, customer_id)
        lock_sittings_of(work, customer_id)
        left_tiyn = ledger.balance(work.db, payment.credit_account_id)
        if left_tiyn == 0:
            raise OperationRefused("payment_without_credit")
        ledger.post(
            work,
            key=f"given:payment:{payment.id}",
            kind="payment_given",
            transfers=[
                Transfer(
                    Account(payment.credit_account_id, DESK_CREDIT.unit),
                    Account(customer.balance_account_id, CUSTOMER_BALANCE.unit),
                    left_tiyn,
                )
            ],
            actor=actor,
        )
        payment.customer_id = customer_id
        owing.pay_first(work, customer, key=f"given:payment:{payment.id}", actor=actor)
        balance_changed(work, customer_id, actor)
        note(work, payment, "credit_given", actor, amount_tiyn=left_tiyn)
        journal.record(
            work,
            "payment.credit_given",
            actor,
            customer_id=customer_id,
            payment_id=payment.id,
            amount_tiyn=left_tiyn,
        )
        work.tell(CustomerChanged(customer_id))
