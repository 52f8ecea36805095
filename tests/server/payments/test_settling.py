"""A payment's life: asked for, confirmed by whoever is first, late, lost, cancelled, given back."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CASH, SAFE
from lovhub.server.loyalty import bonuses, queries
from lovhub.server.loyalty import service as loyalty
from lovhub.server.loyalty.rules import BonusTerms, Step
from lovhub.server.payments import refunds, rules, service
from lovhub.server.payments.models import Payment, Refund
from lovhub.server.payments.polling import Poller
from lovhub.server.payments.providers.contract import (
    Caps,
    Created,
    Event,
    NoProvider,
    OutcomeUnknown,
    PaymentProvider,
    Refunded,
    Rejected,
    Wanted,
)
from lovhub.server.payments.settings import Payments
from lovhub.server.payments.settling import settle
from tests.server.payments.helpers import (
    alarms,
    assert_books_are_right,
    balance,
    credits_booked,
    payments,
    spend,
    story,
)
from tests.support.club import CASHIER, OWNER


class Scripted(NoProvider):
    """A provider that does what the test says: an exception is raised, anything else is the answer."""

    name = "gateway"
    caps = Caps(create=True, poll=True, refund=True, cancel=True, callback=True)

    def __init__(self) -> None:
        self.on_create: Created | Exception = Created("42", "qr", "", 300, 5)
        self.on_fetch: Event | Exception = Event("pending", provider_ref="42")
        self.on_refund: Refunded | Exception = Refunded("done", "r1")
        self.created: list[Wanted] = []
        self.refunded: list[tuple[str, int, str]] = []
        self.fetched = 0

    def create(self, wanted: Wanted) -> Created:
        self.created.append(wanted)
        return _said(self.on_create)

    def fetch(self, provider_ref: str, merchant_ref: str) -> Event:
        self.fetched += 1
        return _said(self.on_fetch)

    def refund(self, provider_ref: str, amount_tiyn: int, key: str) -> Refunded:
        self.refunded.append((provider_ref, amount_tiyn, key))
        return _said(self.on_refund)

    def cancel(self, provider_ref: str) -> None:
        pass


T = TypeVar("T")


def _said(said: T | Exception) -> T:
    if isinstance(said, Exception):
        raise said
    return said


@pytest.fixture
def bank() -> Scripted:
    return Scripted()


@pytest.fixture
def poller(club: ClubContext, bank: Scripted) -> Poller:
    return Poller(club, at_work(bank))


def at_work(bank: PaymentProvider) -> Payments:
    return Payments("gateway", bank, {"gateway": bank})


def ask(club: ClubContext, bank: PaymentProvider, customer_id: int, *, key: str = "k") -> int:
    return service.create_payment(
        club, bank, customer_id=customer_id, amount_tiyn=500_00, key=key, actor=CASHIER
    )


def paid(*, amount_tiyn: int | None = 500_00, ref: str = "42", **more: object) -> Event:
    return Event("paid", f"{ref}:paid", ref, amount_tiyn=amount_tiyn, **more)  # type: ignore[arg-type]


def state(club: ClubContext, payment_id: int) -> str:
    with club.read() as db:
        return db.get_one(Payment, payment_id).state


# --- asking -------------------------------------------------------------------------------------------


def test_a_payment_is_asked_for_once_however_often_the_form_is_sent(
    club: ClubContext, bank: Scripted, customer_id: int
) -> None:
    payment_id = ask(club, bank, customer_id)
    assert ask(club, bank, customer_id) == payment_id
    assert [wanted.amount_tiyn for wanted in bank.created] == [500_00]
    assert story(club, payment_id) == ["created", "pending"]
    with pytest.raises(OperationRefused, match="key_reused"):
        service.create_payment(
            club, bank, customer_id=customer_id, amount_tiyn=1, key="k", actor=CASHIER
        )


def test_no_answer_is_unknown_and_may_still_be_paid(
    club: ClubContext, bank: Scripted, customer_id: int
) -> None:
    bank.on_create = OutcomeUnknown()
    payment_id = ask(club, bank, customer_id)
    assert state(club, payment_id) == "unknown"
    settle(club, bank, paid(merchant_ref=bank.created[0].merchant_ref))
    assert (state(club, payment_id), balance(club, customer_id)) == ("paid", 500_00)


def test_a_no_is_a_failure_with_its_reason(
    club: ClubContext, bank: Scripted, customer_id: int
) -> None:
    bank.on_create = Rejected("payment_misconfigured", "-1501")
    payment_id = ask(club, bank, customer_id)
    assert (state(club, payment_id), payments(club)[0].next_poll_at) == ("failed", None)


def test_whoever_dies_while_asking_leaves_an_unknown_payment(
    club: ClubContext, bank: Scripted, customer_id: int, poller: Poller, clock: ManualClock
) -> None:
    def die(_wanted: Wanted) -> Created:
        raise KeyboardInterrupt

    bank.create = die  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        ask(club, bank, customer_id)
    clock.advance(61)
    poller.poll()
    [payment] = payments(club)
    assert payment.state == "unknown"


# --- who confirms -------------------------------------------------------------------------------------


def test_the_poller_asks_as_told_and_credits(
    club: ClubContext, bank: Scripted, customer_id: int, poller: Poller, clock: ManualClock
) -> None:
    ask(club, bank, customer_id)
    for _ in range(3):
        poller.poll()
    assert bank.fetched == 0  # not before its time
    clock.advance(5)
    poller.poll()
    poller.poll()
    assert bank.fetched == 1
    bank.on_fetch = paid()
    clock.advance(5)
    poller.poll()
    assert balance(club, customer_id) == 500_00
    clock.advance(3600)
    poller.poll()
    assert bank.fetched == 2


def test_one_payment_that_cannot_be_booked_keeps_no_other_waiting(
    club: ClubContext,
    bank: Scripted,
    customer_id: int,
    poller: Poller,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = ask(club, bank, customer_id, key="a")
    bank.on_create = Created("43", "qr", "", 300, 5)
    second = ask(club, bank, customer_id, key="b")

    def fetch(_provider_ref: str, merchant_ref: str) -> Event:
        return Event(
            "paid", merchant_ref, provider_ref="", merchant_ref=merchant_ref, amount_tiyn=500_00
        )

    monkeypatch.setattr(bank, "fetch", fetch)
    with club.write() as work:  # whatever stands in the way of the first
        ledger.post(work, key=f"top_up:payment:{first}", kind="top_up", actor=OWNER, transfers=[
            ledger.club_account(work, CASH).pay(ledger.club_account(work, SAFE), 1)[0]
        ])  # fmt: skip
    clock.advance(5)
    poller.poll()
    assert (state(club, first), state(club, second)) == ("pending", "paid")


def test_webhook_and_poller_race_to_one_credit(
    club: ClubContext, bank: Scripted, customer_id: int, poller: Poller, clock: ManualClock
) -> None:
    ask(club, bank, customer_id)
    bank.on_fetch = Event("paid", "poll:42", "42", amount_tiyn=500_00)  # under another key
    clock.advance(5)
    together = threading.Barrier(20)

    def confirm(number: int) -> None:
        together.wait()
        if number % 2:
            poller.poll()
        else:
            settle(club, bank, paid())

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(confirm, range(20)))
    assert (balance(club, customer_id), credits_booked(club), alarms(club)) == (500_00, 1, [])
    assert_books_are_right(club)


def test_late_money_is_credited(
    club: ClubContext, bank: Scripted, customer_id: int, poller: Poller, clock: ManualClock
) -> None:
    payment_id = ask(club, bank, customer_id)
    clock.advance(301)
    bank.on_fetch = OutcomeUnknown()
    poller.poll()
    assert state(club, payment_id) == "expired"
    bank.on_fetch = paid()
    clock.advance(3600)
    poller.poll()
    assert (state(club, payment_id), balance(club, customer_id)) == ("paid", 500_00)
    assert story(club, payment_id) == ["created", "pending", "expired", "paid_late"]


def test_what_the_desk_cancelled_is_credited_if_it_is_paid(
    club: ClubContext, bank: Scripted, customer_id: int
) -> None:
    payment_id = ask(club, bank, customer_id)
    service.cancel(club, at_work(bank), payment_id=payment_id, actor=CASHIER)
    settle(club, bank, paid())
    assert balance(club, customer_id) == 500_00
    with pytest.raises(OperationRefused, match="payment_not_open"):
        service.cancel(club, at_work(bank), payment_id=payment_id, actor=CASHIER)


def test_a_bank_that_says_expired_for_ever_is_not_asked_for_ever(
    club: ClubContext, bank: Scripted, customer_id: int, poller: Poller, clock: ManualClock
) -> None:
    ask(club, bank, customer_id)
    bank.on_fetch = Event("expired", "42:expired", "42")
    clock.advance(rules.GRACE_SECONDS - 900)
    for _ in range(4):
        clock.advance(900)
        poller.poll()
    assert bank.fetched == 2
    assert payments(club)[0].next_poll_at is None


# --- what does not fit --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        paid(amount_tiyn=5_00),
        paid(amount_tiyn=50000_00),
        Event("paid", "42:paid", "42", amount_tiyn=500_00, currency="RUB"),
    ],
    ids=["less", "a hundred times more", "roubles"],
)
def test_other_figures_wait_for_a_person(
    club: ClubContext, bank: Scripted, customer_id: int, event: Event
) -> None:
    payment_id = ask(club, bank, customer_id)
    settle(club, bank, event)
    settle(club, bank, event)
    assert (state(club, payment_id), balance(club, customer_id)) == ("review", 0)
    assert alarms(club) == ["payment_review"]
    if event.currency == "RUB":
        with pytest.raises(OperationRefused, match="payment_not_in_review"):
            service.accept(club, payment_id=payment_id, actor=OWNER)
        return
    for _ in range(2):
        service.accept(club, payment_id=payment_id, actor=OWNER)
    assert balance(club, customer_id) == event.amount_tiyn
    assert_books_are_right(club)


def test_a_sandbox_pays_for_nothing(club: ClubContext, bank: Scripted, customer_id: int) -> None:
    payment_id = ask(club, bank, customer_id)
    settle(club, bank, paid(sandbox=True))
    assert (state(club, payment_id), alarms(club)) == ("pending", ["payment_sandbox"])
    settle(club, bank, paid())  # and does not stand in the way of the real one
    assert balance(club, customer_id) == 500_00


def test_paid_twice_under_two_names_is_credited_twice_and_shown(
    club: ClubContext, bank: Scripted, customer_id: int
) -> None:
    ask(club, bank, customer_id)
    merchant_ref = bank.created[0].merchant_ref
    for ref in ("42", "43", "43"):
        settle(club, bank, paid(ref=ref, merchant_ref=merchant_ref))
    assert (balance(club, customer_id), alarms(club)) == (1000_00, ["payment_second"])


# --- giving back --------------------------------------------------------------------------------------


def give_back(
    club: ClubContext,
    bank: PaymentProvider | None,
    payment_id: int,
    amount_tiyn: int,
    key: str = "r",
) -> Refund:
    return refunds.refund(
        club,
        at_work(bank) if bank is not None else Payments(),
        payment_id=payment_id,
        amount_tiyn=amount_tiyn,
        reason="передумал",
        key=key,
        actor=OWNER,
    )


@pytest.fixture
def paid_id(club: ClubContext, bank: Scripted, customer_id: int) -> int:
    payment_id = ask(club, bank, customer_id)
    settle(club, bank, paid())
    return payment_id


def test_money_goes_back_in_parts_and_never_more(
    club: ClubContext, bank: Scripted, customer_id: int, paid_id: int
) -> None:
    assert give_back(club, bank, paid_id, 200_00).state == "done"
    assert give_back(club, bank, paid_id, 200_00).state == "done"  # the form was sent twice
    assert (state(club, paid_id), balance(club, customer_id)) == ("partly_refunded", 300_00)
    with pytest.raises(OperationRefused, match="refund_out_of_range"):
        give_back(club, bank, paid_id, 300_01, key="r2")
    give_back(club, bank, paid_id, 300_00, key="r2")
    assert (state(club, paid_id), balance(club, customer_id)) == ("refunded", 0)
    assert [amount for _, amount, _ in bank.refunded] == [200_00, 300_00]
    assert_books_are_right(club)


def test_twenty_refunds_at_once_are_one(
    club: ClubContext, bank: Scripted, customer_id: int, paid_id: int
) -> None:
    together = threading.Barrier(20)

    def press(number: int) -> bool:
        together.wait()
        try:
            give_back(club, bank, paid_id, 500_00, key=f"r{number}")
        except OperationRefused:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(press, range(20))) == 1
    assert (len(bank.refunded), balance(club, customer_id)) == (1, 0)


def test_what_is_spent_does_not_go_back(
    club: ClubContext, bank: Scripted, customer_id: int, paid_id: int
) -> None:
    spend(club, customer_id, 300_00)
    with pytest.raises(OperationRefused) as refused:
        give_back(club, bank, paid_id, 200_01)
    assert refused.value.values == {"left_tiyn": 200_00}
    assert bank.refunded == []
    give_back(club, bank, paid_id, 200_00)


def test_the_bonus_of_a_payment_goes_with_its_money_and_comes_back_with_a_no(
    club: ClubContext, bank: Scripted, customer_id: int
) -> None:
    terms = BonusTerms(is_on=True, steps=(Step(500_00, 20),))
    loyalty.set_bonus_terms(club, terms=terms, actor=OWNER)
    paid_id = ask(club, bank, customer_id)
    settle(club, bank, paid())
    settle(club, bank, paid())
    assert purse(club, customer_id) == (500_00, 100_00)
    bank.on_refund = Rejected()
    give_back(club, bank, paid_id, 200_00)
    assert purse(club, customer_id) == (500_00, 100_00)
    bank.on_refund = Refunded("done", "r1")
    give_back(club, bank, paid_id, 200_00, key="r2")
    assert purse(club, customer_id) == (300_00, 60_00)
    with club.write() as work:  # all of them are spent
        customer = work.db.get_one(Customer, customer_id)
        bonuses.annul(work, customer, key="spent", reason="", actor=OWNER)
    with pytest.raises(OperationRefused) as refused:
        give_back(club, bank, paid_id, 300_00, key="r3")
    assert (refused.value.code, refused.value.values) == (
        "refund_bonus_spent",
        {"left_tiyn": 250_00},
    )
    give_back(club, bank, paid_id, 250_00, key="r3")
    assert purse(club, customer_id) == (0, 0)
    assert_books_are_right(club)


def purse(club: ClubContext, customer_id: int) -> tuple[int, int]:
    with club.read() as db:
        customer = db.get_one(Customer, customer_id)
        return balance(club, customer_id), queries.bonus_of(db, customer)


def test_a_no_brings_the_money_back_to_the_balance(
    club: ClubContext, bank: Scripted, customer_id: int, paid_id: int
) -> None:
    bank.on_refund = Rejected()
    assert give_back(club, bank, paid_id, 200_00).state == "rejected"
    assert (state(club, paid_id), balance(club, customer_id)) == ("paid", 500_00)
    assert_books_are_right(club)


@pytest.mark.parametrize("was_done", [True, False])
def test_without_an_answer_the_money_waits_for_a_person(
    club: ClubContext, bank: Scripted, customer_id: int, paid_id: int, was_done: bool
) -> None:
    bank.on_refund = OutcomeUnknown()
    row = give_back(club, bank, paid_id, 200_00)
    assert (row.state, balance(club, customer_id)) == ("unknown", 300_00)
    assert alarms(club) == ["payment_refund_unknown"]
    for _ in range(2):
        refunds.decide_unknown(club, refund_id=row.id, was_done=was_done, actor=OWNER)
    assert balance(club, customer_id) == (300_00 if was_done else 500_00)
    assert_books_are_right(club)


def test_a_queued_refund_is_done_when_the_gateway_says_so(
    club: ClubContext, bank: Scripted, customer_id: int, paid_id: int
) -> None:
    bank.on_refund = Refunded("pending", "r1")
    row = give_back(club, bank, paid_id, 200_00)
    settle(club, bank, Event("refunded", "42:r", "42", refunded_tiyn=200_00))
    with club.read() as db:
        assert db.get_one(Refund, row.id).state == "done"
    settle(club, bank, Event("refunded", "42:r2", "42", refunded_tiyn=300_00))
    assert alarms(club) == ["payment_refunded_elsewhere"]


def test_refunds_that_are_told_of_one_by_one_are_added_up(
    club: ClubContext, bank: Scripted, customer_id: int, paid_id: int
) -> None:
    bank.on_refund = OutcomeUnknown("no answer")
    give_back(club, bank, paid_id, 200_00)
    with club.read() as db:
        name = db.get_one(Payment, paid_id).merchant_ref

    def told(number: str, tiyn: int) -> None:
        key = f"{number}:refund"
        settle(club, bank, Event("refunded", key, merchant_ref=name, gone_back_tiyn=tiyn))

    told("1", 200_00)
    told("1", 200_00)  # the same notice again
    with club.read() as db:
        assert db.scalars(select(Refund.state)).one() == "done"
    # That there was no answer is an alarm of its own.
    assert "payment_refunded_elsewhere" not in alarms(club)
    told("2", 100_00)
    assert alarms(club).count("payment_refunded_elsewhere") == 1
    assert story(club, paid_id)[-2:] == ["refund_told", "refunded_elsewhere"]


def test_given_back_by_hand_is_booked(club: ClubContext, customer_id: int, paid_id: int) -> None:
    assert give_back(club, None, paid_id, 500_00).state == "by_hand"
    assert (state(club, paid_id), balance(club, customer_id)) == ("refunded", 0)


def test_who_says_not_done_while_the_bank_is_giving_back_is_told_of(
    club: ClubContext, bank: Scripted, customer_id: int, paid_id: int
) -> None:
    """Money on the balance and in the payer's pocket: a manager's trick, or a bad moment."""

    def meanwhile(*_asked: object) -> Refunded:
        with club.read() as db:
            row = db.scalars(select(Refund)).one()
        refunds.decide_unknown(club, refund_id=row.id, was_done=False, actor=OWNER)
        return Refunded("done", "r1")

    bank.refund = meanwhile  # type: ignore[method-assign]
    give_back(club, bank, paid_id, 200_00)
    assert (balance(club, customer_id), alarms(club)) == (500_00, ["payment_refunded_elsewhere"])
    assert "refunded_elsewhere" in story(club, paid_id)
