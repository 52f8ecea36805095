"""Asking how payments stand: whatever is wrong with one of them, the others are asked about in time."""

import threading
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.jobs.scheduler import Scheduler
from lovhub.server.payments import refunds, rules, service
from lovhub.server.payments.models import Payment, Refund
from lovhub.server.payments.polling import Poller, ask_now
from lovhub.server.payments.providers.contract import Event, OutcomeUnknown
from lovhub.server.payments.providers.kaspi_qr import KaspiQrProvider
from lovhub.server.payments.settling import settle
from tests.server.payments.helpers import alarms, balance, payments, state, story
from tests.server.payments.scripted import OneByOne, Scripted, ask, at_work, give_back, paid
from tests.server.payments.stub import StubHttp
from tests.support.club import CASHIER, People

NIGHT_SECONDS = 7 * 3600  # from one o'clock, when the bank's day is over there too, to eight
BUSY_CLUB = 2000
"""Payments in a day of a busy club."""


@pytest.fixture
def bank() -> OneByOne:
    return OneByOne()


def test_a_payment_that_breaks_the_program_keeps_no_other_waiting_and_is_not_failed(
    club: ClubContext, bank: OneByOne, customer_id: int, poller: Poller, clock: ManualClock
) -> None:
    broken, sound = (ask(club, bank, customer_id, key=key) for key in "ab")
    bank.answers = {"42": TypeError("unhashable type: 'list'"), "43": paid(ref="43")}
    clock.advance(5)
    with capture_logs() as logs:
        poller.turn()
    assert (state(club, broken), state(club, sound)) == ("pending", "paid")
    [line] = logs
    assert (line["event"], line["payment_id"], line["why"]) == (
        "payment_provider_broken", broken, "TypeError",
    )  # fmt: skip
    assert "scripted.py" in line["where"]
    assert dict(poller.heard) == {"broken": 1, "answered": 1}
    assert story(club, broken) == ["created", "pending"]
    assert alarms(club) == []

    with capture_logs() as logs:  # asked again and again, ever more rarely; told of once
        for _ in range(120):
            clock.advance(1)
            poller.turn()
    assert bank.asked.count("42") == 1 + 4  # after 5, 10, 20 and 40 s
    assert logs == []
    assert (state(club, broken), poller.heard["broken"]) == ("pending", 5)

    bank.answers["42"] = paid(ref="42")
    clock.advance(60)
    with capture_logs() as logs:
        poller.turn()
    assert (state(club, broken), balance(club, customer_id)) == ("paid", 1000_00)
    assert [line["event"] for line in logs] == ["payment_answered_again"]


def test_the_log_says_under_which_name_the_bank_was_asked(
    club: ClubContext, customer_id: int, clock: ManualClock
) -> None:
    http = StubHttp()
    kaspi = KaspiQrProvider(http, scheme="r3", device_token="d", name="gateway")
    http.will("POST /qr/create", {"StatusCode": 0, "Data": {"QrPaymentId": 15, "QrToken": "QR"}})
    ask(club, kaspi, customer_id)
    clock.advance(5)
    with capture_logs() as logs:
        Poller(club, at_work(kaspi)).turn()
    [line] = logs
    assert (line["event"], line["asked"]) == ("payment_not_answered", "fetch")
    assert line["sent_as"] == http.asked[-1][1]["X-Request-ID"]
    assert len({headers["X-Request-ID"] for _, headers, _ in http.asked}) == len(http.asked)


def test_an_answer_that_cannot_be_booked_keeps_no_other_waiting_either(
    club: ClubContext,
    bank: OneByOne,
    customer_id: int,
    poller: Poller,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = (ask(club, bank, customer_id, key=key) for key in "ab")
    bank.answers = {ref: paid(ref=ref) for ref in ("42", "43")}
    clock.advance(5)

    def fails(club: ClubContext, provider: Scripted, event: Event) -> object:
        if event.provider_ref == "42":
            raise RuntimeError
        return settle(club, provider, event)

    with monkeypatch.context() as patch:
        patch.setattr("lovhub.server.payments.polling.settle", fails)
        poller.turn()
        ask_now(club, at_work(bank), first)  # nor does the person who asks meet with an error
        assert (state(club, first), state(club, second)) == ("pending", "paid")
        assert dict(poller.heard) == {"not_settled": 1, "answered": 1}
    clock.advance(5)
    poller.turn()
    assert state(club, first) == "paid"


def test_a_payment_whose_row_resists_is_put_off(
    club: ClubContext,
    bank: OneByOne,
    customer_id: int,
    poller: Poller,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else it would be the first in line at every turn; and with twenty such nobody else would have a turn."""
    first, _second = (ask(club, bank, customer_id, key=key) for key in "ab")
    schedule = "lovhub.server.payments.polling.schedule"

    def fails(_work: object, payment: Payment) -> None:
        if payment.id == first:
            raise RuntimeError
        payment.next_poll_at = None

    clock.advance(5)
    with monkeypatch.context() as patch:
        patch.setattr(schedule, fails)
        poller.turn()
    assert [payment.next_poll_at for payment in payments(club)] == [club.clock.now() + 5, None]


def test_a_bank_that_thinks_long_about_one_payment_keeps_no_other_waiting(
    club: ClubContext, bank: OneByOne, customer_id: int, clock: ManualClock
) -> None:
    poller, answer = Poller(club, at_work(bank)), threading.Event()
    slow, quick = (ask(club, bank, customer_id, key=key) for key in "ab")

    def think() -> Event:
        assert answer.wait(30)
        return paid(ref="42")

    bank.answers = {"42": think, "43": paid(ref="43")}
    clock.advance(5)
    asked = poller._begin()
    asked[1].result(30)
    clock.advance(5)
    poller.turn()  # it is not asked about twice at once
    assert (state(club, slow), state(club, quick)) == ("pending", "paid")
    assert bank.asked.count("42") == 1
    answer.set()
    poller.close()
    assert (state(club, slow), balance(club, customer_id)) == ("paid", 1000_00)


def test_whatever_breaks_while_asking_for_money_leaves_it_unknown(
    club: ClubContext, bank: OneByOne, customer_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_asked: object) -> None:
        raise KeyError

    monkeypatch.setattr(bank, "create", breaks)
    payment_id = ask(club, bank, customer_id)
    assert state(club, payment_id) == "unknown"
    monkeypatch.setattr(bank, "cancel", breaks)
    settle(
        club, bank, Event("pending", provider_ref="42", merchant_ref=payments(club)[0].merchant_ref)
    )
    service.cancel(club, at_work(bank), payment_id=payment_id, actor=CASHIER)
    assert story(club, payment_id) == [
        "created",
        "unknown",
        "pending",
        "cancelled",
        "cancel_failed",
    ]


def test_whatever_breaks_while_giving_back_leaves_it_to_a_person(
    club: ClubContext, bank: OneByOne, customer_id: int
) -> None:
    payment_id = ask(club, bank, customer_id)
    settle(club, bank, paid())
    bank.on_refund = KeyError("Data")
    assert give_back(club, bank, payment_id, 200_00).state == "unknown"
    assert (balance(club, customer_id), alarms(club)) == (300_00, ["payment_refund_unknown"])
    with club.read() as db:
        refund_id = db.query(Refund.id).scalar()
    refunds.decide_unknown(club, refund_id=refund_id, was_done=False, actor=CASHIER)
    assert balance(club, customer_id) == 500_00


def test_a_night_suffices_for_a_busy_club_though_the_bank_is_slow_and_some_answers_are_none(
    club: ClubContext, bank: OneByOne, people: People, poller: Poller, clock: ManualClock
) -> None:
    """At one hundredth: so many payments in so much of the night."""
    count = BUSY_CLUB // 100
    customer_id = people.customer()
    for number in range(count):
        ask(club, bank, customer_id, key=f"{number}")
    for payment in payments(club):
        settle(club, bank, paid(ref=payment.provider_ref))

    def slow(ref: str) -> Callable[[], Event]:
        def said() -> Event:
            clock.advance(3)
            return paid(ref=ref)

        return said

    bank.answers = {payment.provider_ref: slow(payment.provider_ref) for payment in payments(club)}
    for number in range(0, count, 10):
        bank.answers[str(42 + number)] = KeyError("Status")
    bank.answers["43"] = OutcomeUnknown()
    clock.advance(rules.asked_again_at(clock.now()) - clock.now())
    began_at = clock.monotonic()
    night = Scheduler(clock, poller.night_jobs())
    while len(set(bank.asked)) < count:
        assert clock.monotonic() - began_at < NIGHT_SECONDS / 100
        night.run_due()
        clock.advance(0.25)
    assert len(bank.asked) == count  # none is asked about twice
    left = [one.provider_ref for one in payments(club) if one.next_poll_at is not None]
    assert left == ["42", "43", "52"]  # an hour later


def test_a_silent_bank_is_asked_ever_more_rarely_at_night(
    club: ClubContext, bank: OneByOne, customer_id: int, poller: Poller, clock: ManualClock
) -> None:
    """Each question may wait ten seconds for it: not for two thousand payments one by one."""
    for number in range(8):
        ask(club, bank, customer_id, key=f"{number}")
    for payment in payments(club):
        settle(club, bank, paid(ref=payment.provider_ref))
        bank.answers[payment.provider_ref] = OutcomeUnknown()
    clock.advance(rules.asked_again_at(clock.now()) - clock.now())
    for _ in range(200):
        poller.poll_at_night()
        clock.advance(1)
    assert bank.asked == ["42", "43", "44", "45", "46", "47", "48"]  # 5, 10, 20, 40, 60, 60 s
    bank.answers.clear()
    clock.advance(60)
    poller.poll_at_night()
    poller.poll_at_night()
    assert bank.asked[7:] == ["49"]


def test_who_pays_now_does_not_wait_for_the_night(
    club: ClubContext, bank: OneByOne, customer_id: int, poller: Poller
) -> None:
    assert [job.work for job in poller.jobs()] == [poller.turn]
    assert [job.work for job in poller.night_jobs()] == [poller.poll_at_night]
    payment_id = ask(club, bank, customer_id)
    settle(club, bank, paid())
    with club.write() as work:
        refunds.locked(work, payment_id).next_poll_at = club.clock.now()
    poller.turn()
    assert bank.asked == []
    poller.poll_at_night()
    assert bank.asked == ["42"]
