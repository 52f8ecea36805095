"""A payment's life: asked for, confirmed by whoever is first, late, lost, cancelled."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CASH, SAFE
from lovhub.server.payments import rules, service
from lovhub.server.payments.polling import Poller
from lovhub.server.payments.providers.contract import (
    Created,
    Event,
    OutcomeUnknown,
    Rejected,
    Wanted,
)
from lovhub.server.payments.settling import settle
from tests.server.payments.helpers import (
    alarms,
    assert_books_are_right,
    balance,
    credits_booked,
    payments,
    state,
    story,
)
from tests.server.payments.scripted import Scripted, ask, at_work, paid
from tests.support.club import CASHIER, OWNER

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
    poller.turn()
    [payment] = payments(club)
    assert payment.state == "unknown"


# --- who confirms -------------------------------------------------------------------------------------


def test_the_poller_asks_as_told_and_credits(
    club: ClubContext, bank: Scripted, customer_id: int, poller: Poller, clock: ManualClock
) -> None:
    ask(club, bank, customer_id)
    for _ in range(3):
        poller.turn()
    assert bank.fetched == 0  # not before its time
    clock.advance(5)
    poller.turn()
    poller.turn()
    assert bank.fetched == 1
    bank.on_fetch = paid()
    clock.advance(5)
    poller.turn()
    assert balance(club, customer_id) == 500_00
    clock.advance(3600)
    poller.turn()
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
    poller.turn()
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
            poller.turn()
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
    poller.turn()
    assert state(club, payment_id) == "expired"
    bank.on_fetch = paid()
    clock.advance(3600)
    poller.turn()
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
        poller.turn()
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
