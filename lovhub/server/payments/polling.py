"""Asking providers how payments stand: after a restart too, and long after a payment's end.

It runs in a thread of its own and holds no transaction while it waits for a bank. What it hears goes to the same
`settle` as a webhook.
"""

import threading
from dataclasses import dataclass

import structlog
from sqlalchemy import select

from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.jobs.scheduler import Job
from lovhub.server.payments import asking_again, rules
from lovhub.server.payments.models import Payment
from lovhub.server.payments.providers.contract import OutcomeUnknown, PaymentProvider, Rejected
from lovhub.server.payments.refunds import locked
from lovhub.server.payments.rows import BANK, move, schedule
from lovhub.server.payments.service import take_created
from lovhub.server.payments.settings import Payments
from lovhub.server.payments.settling import settle

POLL_SECONDS = 1.0
MOST_AT_ONCE = 20
_STILL_OPEN = rules.OPEN_STATES | rules.LOST_STATES | {"review"}

log = structlog.get_logger("payments")


@dataclass(frozen=True)
class _Due:
    id: int
    provider: str
    provider_ref: str
    merchant_ref: str
    state: str


class Poller:
    """Asks about each payment that is due."""

    def __init__(self, club: ClubContext, payments: Payments) -> None:
        self._club = club
        self._payments = payments
        self._stop = threading.Event()

    def jobs(self) -> list[Job]:
        """What the scheduler is to do; nothing where no provider is at work."""
        return [Job("payments", POLL_SECONDS, self.poll)] if self._payments.providers else []

    def stop(self) -> None:
        """Ask about no further payment."""
        self._stop.set()

    def poll(self) -> None:
        """Ask about those that are due, one after the other; at last about one that has been paid for long."""
        for due in self._due(*_STILL_OPEN, most=MOST_AT_ONCE):
            if self._stop.is_set():
                return
            if due.state == "created":
                # Whoever asked the provider has died over it.
                take_created(self._club, due.id, None)
                continue
            provider = self._payments.named(due.provider)
            if provider is not None and provider.caps.poll:
                _ask(self._club, provider, due)
            self._look_at_the_end(due.id)
        for due in self._due(*rules.PAID_STATES, most=1):
            if not self._stop.is_set():
                provider = self._payments.named(due.provider)
                asking_again.ask(self._club, provider, due.id)

    def _due(self, *states: str, most: int) -> list[_Due]:
        with self._club.read() as db:
            rows = db.execute(
                select(
                    Payment.id,
                    Payment.provider,
                    Payment.provider_ref,
                    Payment.merchant_ref,
                    Payment.state,
                )
                .where(
                    Payment.club_id == self._club.club_id,
                    Payment.next_poll_at <= self._club.clock.now(),
                    Payment.state.in_(states),
                )
                .order_by(Payment.next_poll_at)
                .limit(most)
            )
            return [_Due(*row) for row in rows]

    def _look_at_the_end(self, payment_id: int) -> None:
        """Past its end a payment is expired here, and asked about a good while longer: late money is money."""
        with self._club.write() as work:
            payment = locked(work, payment_id)
            if payment.state in rules.OPEN_STATES and payment.expires_at <= work.now:
                move(work, payment, "expired", BANK)
            schedule(work, payment)


def ask_now(club: ClubContext, payments: Payments, payment_id: int) -> None:
    """A person wants to know at once. Nothing happens where nobody can be asked."""
    with club.read() as db:
        row = db.get(Payment, payment_id)
    if row is None or row.club_id != club.club_id:
        return
    provider = payments.named(row.provider)
    if provider is not None and provider.caps.poll:
        due = _Due(row.id, row.provider, row.provider_ref, row.merchant_ref, row.state)
        _ask(club, provider, due)


def _ask(club: ClubContext, provider: PaymentProvider, due: _Due) -> None:
    try:
        event = provider.fetch(due.provider_ref, due.merchant_ref)
    except (OutcomeUnknown, Rejected) as error:
        log.info("payment_not_answered", payment_id=due.id, why=type(error).__name__)
    else:
        try:
            settle(club, provider, event)
        except OperationRefused as refused:
            # Of this payment only: those that are due after it must not wait for it.
            log.warning("payment_not_settled", payment_id=due.id, why=refused.code)
