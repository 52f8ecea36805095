"""Selling at the desk: what the button says is what moves, cash is counted, and a key sells once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CARD, CASH, KASPI, AccountKind
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.rules import drawn
from lovhub.server.lots.models import Lot
from lovhub.server.sessions import rules, service
from lovhub.server.sessions.parts import Part, parts_problem
from lovhub.server.sessions.till import Till, TopUp, change_due
from tests.support.club import CASHIER, People

TIYN = st.integers(0, 10**12)
PRICE = 500_00


def taken(club: ClubContext, kind: AccountKind) -> int:
    with club.write() as work:
        return -ledger.balance(work.db, ledger.club_account(work, kind).id)


def cash_taken(club: ClubContext) -> int:
    return taken(club, CASH)


def events(club: ClubContext, kind: str) -> list[dict[str, Any]]:
    with club.read() as db:
        found = db.scalars(select(Event).where(Event.kind == kind).order_by(Event.id))
        return [event.data for event in found]


def lots(club: ClubContext) -> int:
    with club.read() as db:
        return len(db.scalars(select(Lot)).all())


def at_one_moment(ask: Callable[[], object], times: int = 20) -> list[object]:
    """The answers of so many equal requests, all sent at once."""
    ready = threading.Barrier(times)

    def send(_number: int) -> object:
        ready.wait(10)
        return ask()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(send, range(times)))


@given(TIYN, TIYN)
def test_the_change_and_the_amount_are_the_cash_handed_over(amount: int, received: int) -> None:
    change = change_due(amount, received)
    if received < amount:
        assert change is None
    else:
        assert change is not None
        assert change >= 0
        assert amount + change == received


@given(st.lists(st.integers(0, 10**6), max_size=5), st.lists(st.integers(0, 10**6), max_size=9))
def test_parts_pay_one_thing_after_the_other_and_nothing_twice(
    parts: list[int], prices: list[int]
) -> None:
    left = list(parts)
    for price in prices:
        if price > sum(left):
            with pytest.raises(ValueError, match="less"):
                drawn(left, price)
            return
        taken = drawn(left, price)
        assert sum(taken) == price
        assert all(0 <= one <= part for one, part in zip(taken, left, strict=True))
        # A later part is touched only once all earlier ones are used up.
        first_left = next((i for i, one in enumerate(taken) if one < left[i]), len(taken))
        assert not any(taken[first_left + 1 :])
        left = [part - one for part, one in zip(left, taken, strict=True)]


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ([("cash", 300), ("card", 200)], ""),
        ([("cash", 500)], ""),
        ([("cash", 300), ("card", 199)], "parts_differ"),
        ([("cash", 300), ("card", 201)], "parts_differ"),
        ([("cash", 600), ("card", -100)], "parts_differ"),
        ([], "parts_differ"),
        ([("cash", 300), ("cash", 200)], "payment_method_unknown"),
        ([("cash", 300), ("balance", 200)], "payment_method_unknown"),
    ],
)
def test_parts_are_exactly_what_is_to_be_paid(parts: list[tuple[str, int]], problem: str) -> None:
    assert parts_problem([Part(*part) for part in parts], 500) == problem


def test_a_guest_and_a_customer_pay_in_parts_with_change_from_the_cash(
    club: ClubContext, people: People
) -> None:
    tariff = people.tariff(price_tiyn=PRICE)
    parts = (Part("cash", 200_00), Part("kaspi", 250_00), Part("card", 50_00))
    seat = {"tariff_id": tariff, "guest_name": "", "actor": CASHIER, "key": "guest"}
    guest_pc = people.computer()

    def seat_guest(till: Till) -> int:
        return service.seat_guest(club, computer_id=guest_pc, method="split", till=till, **seat)

    for wrong, code in (
        (Till(PRICE, 100_00, parts), "received_too_little"),
        (Till(PRICE, parts=parts[:2]), "parts_differ"),
        (Till(PRICE), "parts_differ"),
    ):
        with pytest.raises(OperationRefused, match=code):
            seat_guest(wrong)
    till = Till(PRICE, 1_000_00, parts)
    assert seat_guest(till) == seat_guest(till)
    assert [taken(club, kind) for kind in (CASH, CARD, KASPI)] == [200_00, 50_00, 250_00]
    [sold] = events(club, "time.sold")
    assert (sold["change_tiyn"], sold["parts"][0]) == (800_00, ["kaspi", 250_00])

    customer = people.customer()
    buy = {"computer_id": people.computer(), "customer_id": customer, "key": "customer"}
    parts = (Part("cash", 400_00), Part("card", 300_00))
    for _twice in range(2):
        service.buy(
            club,
            tariff_id=tariff,
            actor=CASHIER,
            top_up=TopUp(700_00, "split"),
            till=Till(PRICE, 400_00, parts),
            **buy,
        )
    assert people.balance_tiyn(customer) == 200_00
    assert [taken(club, kind) for kind in (CASH, CARD, KASPI)] == [600_00, 350_00, 250_00]
    with club.read() as db:
        assert check_ledger(db) == []


@pytest.mark.parametrize("seconds", [0, 59, 4 * 3600 + 1, -60])
def test_a_slip_of_the_finger_is_no_gift(seconds: int) -> None:
    assert rules.extra_seconds_problem(seconds) == "minutes_out_of_range"
    assert rules.extra_seconds_problem(30 * 60) == ""


def test_a_guests_cash_and_change_are_written_down(club: ClubContext, people: People) -> None:
    computer, tariff = people.computer(), people.tariff(price_tiyn=PRICE)
    guest = {"computer_id": computer, "tariff_id": tariff, "guest_name": "", "actor": CASHIER}
    with pytest.raises(OperationRefused, match="received_too_little"):
        service.seat_guest(club, **guest, method="cash", key="k", till=Till(PRICE, PRICE - 1))
    with pytest.raises(OperationRefused, match="price_changed"):
        service.seat_guest(club, **guest, method="cash", key="k", till=Till(PRICE - 1, PRICE))
    assert lots(club) == 0

    service.seat_guest(club, **guest, method="cash", key="k", till=Till(PRICE, 2_000_00))

    [sold] = events(club, "time.sold")
    assert (sold["received_tiyn"], sold["change_tiyn"]) == (2_000_00, 1_500_00)
    assert cash_taken(club) == PRICE


def test_change_is_given_of_cash_only(club: ClubContext, people: People) -> None:
    service.seat_guest(
        club,
        computer_id=people.computer(),
        tariff_id=people.tariff(price_tiyn=PRICE),
        guest_name="",
        method="kaspi",
        key="k",
        till=Till(received_tiyn=1),
        actor=CASHIER,
    )
    assert "received_tiyn" not in events(club, "time.sold")[0]


def test_a_customer_tops_up_and_buys_at_once(club: ClubContext, people: People) -> None:
    customer = people.customer(balance_tiyn=100_00)
    asked: dict[str, Any] = {
        "computer_id": people.computer(),
        "customer_id": customer,
        "tariff_id": people.tariff(price_tiyn=PRICE),
        "key": "k",
        "actor": CASHIER,
        "till": Till(PRICE, 1_000_00),
    }
    with pytest.raises(OperationRefused, match="not_enough_money"):
        service.buy(club, **asked, top_up=TopUp(399_99, "cash"))
    assert people.balance_tiyn(customer) == 100_00, "no top-up without its sale"
    with pytest.raises(OperationRefused, match="invalid_fields"):
        service.buy(club, **asked, top_up=TopUp(0, "cash"))

    for _ in range(2):
        service.buy(club, **asked, top_up=TopUp(900_00, "cash"))

    assert people.balance_tiyn(customer) == 500_00
    [topped_up] = events(club, "customer.topped_up")
    assert (topped_up["amount_tiyn"], topped_up["change_tiyn"]) == (900_00, 100_00)
    with club.read() as db:
        assert check_ledger(db) == []


def test_a_customer_who_plays_tops_up_and_goes_on(club: ClubContext, people: People) -> None:
    customer, computer = people.customer(balance_tiyn=PRICE), people.computer()
    tariff = people.tariff(price_tiyn=PRICE)
    session = service.buy(
        club, computer_id=computer, customer_id=customer, tariff_id=tariff, key="k", actor=CASHIER
    )
    service.sell_more(
        club,
        session_id=session,
        tariff_id=tariff,
        method="balance",
        top_up=TopUp(PRICE, "kaspi"),
        key="more",
        actor=CASHIER,
    )
    assert people.balance_tiyn(customer) == 0
    assert lots(club) == 2
    with club.write() as work:
        assert ledger.balance(work.db, ledger.club_account(work, KASPI).id) == -PRICE


def test_twenty_equal_requests_at_one_moment_seat_and_sell_once(
    club: ClubContext, people: People
) -> None:
    computer, tariff = people.computer(), people.tariff(price_tiyn=PRICE)

    def ask() -> int:
        return service.seat_guest(
            club, computer_id=computer, tariff_id=tariff, method="cash", guest_name="", key="k",
            actor=CASHIER, till=Till(PRICE, PRICE),
        )  # fmt: skip

    assert len(set(at_one_moment(ask))) == 1
    assert (cash_taken(club), lots(club)) == (PRICE, 1)
    with club.read() as db:
        assert check_ledger(db) == []
