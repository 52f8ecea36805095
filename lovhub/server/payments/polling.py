"""Asking providers how payments stand: after a restart too, and long after a payment's end.

It runs in threads of its own and holds no transaction while it waits for a bank. What it hears goes to the same
`settle` as a webhook. One payment about which nobody answers, or with which anything else is wrong, keeps no other
waiting: it is asked about ever more rarely, and the log tells of it once.
"""

import threading
from collections import Counter
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from lovhub.server.context import ClubContext
from lovhub.server.database.engine import DatabaseBusy
from lovhub.server.jobs.scheduler import Job
from lovhub.server.payments import asking_again, rules
from lovhub.server.payments.asking import Heard, answer_of, heard_in, log_no_answer, log_not_settled
from lovhub.server.payments.models import Payment
from lovhub.server.payments.providers.contract import OutcomeUnknown, PaymentProvider, Rejected
from lovhub.server.payments.refunds import locked
from lovhub.server.payments.rows import BANK, move, schedule
from lovhub.server.payments.service import take_created
from lovhub.server.payments.settings import Payments
from lovhub.server.payments.settling import settle

POLL_SECONDS = 1.0
MOST_AT_ONCE = 20
ASKED_AT_ONCE = 8
"""Questions that wait for their answers at the same time: a bank may take ten seconds over one of them."""
NIGHT_SECONDS = 2.0
"""At night one payment in so long: a busy club's 2,000 take little more than an hour, and a gateway that bears
60 questions a minute has half of them left for the payments that somebody waits for."""
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
    """Asks about each payment that is due. `heard`: what became of its questions since the start."""

    def __init__(self, club: ClubContext, payments: Payments) -> None:
        self._club = club
        self._payments = payments
        self._stop = threading.Event()
        self._threads = ThreadPoolExecutor(ASKED_AT_ONCE, thread_name_prefix="payments")
        self._lock = threading.Lock()
        self._under_way: set[int] = set()
        self._silences: Counter[int] = Counter()
        """For each payment, how often in a row there was no answer, or none that could be booked."""
        self._silent_nights = 0
        self._night_rests_until = 0.0
        self.heard: Counter[Heard] = Counter()

    def jobs(self) -> list[Job]:
        """What the scheduler is to do; nothing where no provider is at work."""
        return [Job("payments", POLL_SECONDS, self.turn)] if self._payments.providers else []

    def night_jobs(self) -> list[Job]:
        """Likewise, for a scheduler of its own: whoever pays now does not wait for what was paid yesterday."""
        if not self._payments.providers:
            return []
        return [Job("payments_at_night", NIGHT_SECONDS, self.poll_at_night)]

    def stop(self) -> None:
        """Ask about no further payment."""
        self._stop.set()

    def close(self) -> None:
        """The same, and wait for the answers that are under way."""
        self.stop()
        self._threads.shutdown(wait=True)

    def turn(self) -> None:
        """Begin to ask about those that are due and not paid. Who is slow to answer is not waited for."""
        wait(self._begin(), timeout=POLL_SECONDS)

    def _begin(self) -> list[Future[None]]:
        with self._lock:
            due = self._due(*_STILL_OPEN, most=MOST_AT_ONCE, but=self._under_way)
            self._under_way |= {one.id for one in due}
        return [self._threads.submit(self._ask_about, one) for one in due]

    def _ask_about(self, due: _Due) -> None:
        try:
            if not self._stop.is_set():
                self._take_turn(due)
        except Exception as error:  # noqa: BLE001 (of this payment only, whatever it is)
            self._silences[due.id] += 1
            if self._silences[due.id] == 1:
                log_not_settled(error, due.id)
            self._put_off(due.id)
        finally:
            with self._lock:
                self._under_way.discard(due.id)

    def poll_at_night(self) -> None:
        """Ask about one that has been paid for long. A bank that is silent is asked ever more rarely, too."""
        now = self._club.clock.monotonic()
        if self._stop.is_set() or now < self._night_rests_until:
            return
        for due in self._due(*rules.PAID_STATES, most=1):
            heard = asking_again.ask(self._club, self._payments.named(due.provider), due.id)
            if heard is None:
                continue
            with self._lock:
                self.heard[heard] += 1
            # A payment that breaks the program says nothing of the bank.
            self._silent_nights = self._silent_nights + 1 if heard == "silent" else 0
            if self._silent_nights:
                self._night_rests_until = now + rules.rest_after_silence(self._silent_nights)

    def _take_turn(self, due: _Due) -> None:
        if due.state == "created":
            # Whoever asked the provider has died over it.
            take_created(self._club, due.id, None)
            return
        provider = self._payments.named(due.provider)
        if provider is not None and provider.caps.poll:
            self._count(due.id, _ask(self._club, provider, due, is_told=not self._silences[due.id]))
        self._look_at_the_end(due.id)

    def _count(self, payment_id: int, heard: Heard) -> None:
        with self._lock:
            self.heard[heard] += 1
        if heard != "answered":
            self._silences[payment_id] += 1
        elif times := self._silences.pop(payment_id, 0):
            log.info("payment_answered_again", payment_id=payment_id, unanswered=times)

    def _due(self, *states: str, most: int, but: Collection[int] = ()) -> list[_Due]:
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
                    Payment.id.not_in(but),
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
            if payment.next_poll_at is None or payment.state in rules.PAID_STATES:
                self._silences.pop(payment_id, None)
            elif times := self._silences[payment_id]:
                rest = work.now + rules.rest_after_silence(times)
                payment.next_poll_at = max(payment.next_poll_at, rest)

    def _put_off(self, payment_id: int) -> None:
        """Whatever is wrong with it, it must not be the first in line at each turn."""
        with suppress(SQLAlchemyError, DatabaseBusy), self._club.write() as work:
            later = work.now + rules.rest_after_silence(self._silences[payment_id])
            locked(work, payment_id).next_poll_at = later


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


def _ask(club: ClubContext, provider: PaymentProvider, due: _Due, *, is_told: bool = True) -> Heard:
    """Ask, and settle what is answered. `is_told`: whether the log is to tell of a failure."""
    try:
        event = answer_of(lambda: provider.fetch(due.provider_ref, due.merchant_ref))
    except (OutcomeUnknown, Rejected) as error:
        if is_told:
            log_no_answer(error, due.id, asked="fetch")
        return heard_in(error)
    try:
        settle(club, provider, event)
    except Exception as error:  # noqa: BLE001 (of this payment only, whatever it is)
        if is_told:
            log_not_settled(error, due.id)
        return "not_settled"
    return "answered"
