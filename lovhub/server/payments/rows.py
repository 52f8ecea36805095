"""A payment's row and its story, inside an operation's transaction; used by all operations of this room."""

import secrets
from typing import Any

from lovhub.server.actor import Actor
from lovhub.server.bus import CustomerChanged
from lovhub.server.context import Work
from lovhub.server.customers.models import Customer
from lovhub.server.customers.rules import PAYMENT_KEY
from lovhub.server.customers.service import put_on_balance
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import DESK_CREDIT, KASPI
from lovhub.server.payments import rules
from lovhub.server.payments.models import Payment, PaymentStep
from lovhub.server.sessions.locks import lock_customer
from lovhub.server.sessions.reserve import balance_changed, lock_sittings_of

BANK = Actor(kind="system", name="Kaspi")
"""Who does what the provider tells."""


def payer(work: Work, customer_id: int | None) -> Customer | None:
    """The customer, locked; None for one who is not there, or no longer."""
    if customer_id is None:
        return None
    try:
        return lock_customer(work, customer_id)
    except OperationRefused:
        return None


def begin(
    work: Work,
    *,
    provider: str,
    customer_id: int | None,
    amount_tiyn: int,
    key: str,
    actor: Actor = BANK,
    provider_ref: str = "",
) -> Payment:
    """A new payment with nothing behind it yet."""
    payment = Payment(
        club_id=work.club_id,
        provider=provider,
        provider_ref=provider_ref,
        merchant_ref=f"lov-{secrets.token_hex(8)}",
        key=key,
        customer_id=customer_id,
        amount_tiyn=amount_tiyn,
        state="created",
        created_at=work.now,
        expires_at=work.now,
    )
    work.db.add(payment)
    work.db.flush()
    note(work, payment, "created", actor, amount_tiyn=amount_tiyn)
    return payment


def credit(
    work: Work, payment: Payment, customer: Customer, actor: Actor, *, late: bool = False
) -> None:
    """Put what was paid on the balance. The ledger takes the payment's key once, whoever asks."""
    work.kaspi.known = True
    lock_sittings_of(work, customer.id)
    payment.posting_id = put_on_balance(
        work,
        customer,
        amount_tiyn=payment.paid_tiyn,
        method="kaspi",
        key=f"{PAYMENT_KEY}{payment.id}",
        actor=actor,
        payment_id=payment.id,
    )
    payment.state = "paid"
    ask_again(work, payment)
    balance_changed(work, customer.id, actor)
    note(work, payment, "paid_late" if late else "paid", actor, amount_tiyn=payment.paid_tiyn)


def keep_as_credit(work: Work, payment: Payment) -> None:
    """Money that is on nobody's balance and paid for nothing: in an account of its own, under the payment's name."""
    account = ledger.open_account(work, DESK_CREDIT)
    posting_id = ledger.post(
        work,
        key=f"kept:{PAYMENT_KEY}{payment.id}",
        kind="payment_kept",
        transfers=[ledger.Transfer(ledger.club_account(work, KASPI), account, payment.paid_tiyn)],
        actor=BANK,
    )
    payment.credit_account_id, payment.posting_id, payment.state = account.id, posting_id, "paid"
    ask_again(work, payment)
    note(work, payment, "kept", BANK, amount_tiyn=payment.paid_tiyn)


def move(
    work: Work, payment: Payment, state: rules.State, actor: Actor, *, detail: str = ""
) -> None:
    """Another state that moves no money, told in the story and in the log."""
    payment.state = state
    note(work, payment, state, actor, **({"detail": detail} if detail else {}))
    journal.record(
        work,
        f"payment.{state}",
        actor,
        customer_id=payment.customer_id,
        payment_id=payment.id,
        amount_tiyn=payment.amount_tiyn,
    )
    if payment.customer_id is not None:  # they may have it before them, at a PC
        work.tell(CustomerChanged(payment.customer_id))


def note(work: Work, payment: Payment, kind: str, actor: Actor, **data: Any) -> None:
    """A line of the story."""
    work.db.add(
        PaymentStep(payment_id=payment.id, at=work.now, kind=kind, actor_name=actor.name, data=data)
    )


def ask_again(work: Work, payment: Payment) -> None:
    """Money came or went back: at night the provider is asked how it stands there (`asking_again.py`)."""
    payment.next_poll_at = rules.asked_again_at(work.now) if payment.poll_after_seconds else None


def schedule(work: Work, payment: Payment) -> None:
    """When to ask the provider again, if at all. What is paid waits for its night (`ask_again`)."""
    if payment.state in rules.PAID_STATES:
        return
    if payment.state not in rules.OPEN_STATES | rules.LOST_STATES or not payment.poll_after_seconds:
        payment.next_poll_at = None
        return
    after = rules.next_poll_after(
        work.now, expires_at=payment.expires_at, poll_after_seconds=payment.poll_after_seconds
    )
    payment.next_poll_at = None if after is None else work.now + after
