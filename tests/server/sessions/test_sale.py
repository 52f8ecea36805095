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
from lovhub.server.ledger.accounts import CASH, KASPI
from lovhub.server.ledger.check import check_ledger
from lovhub.server.lots.models import Lot
from lovhub.server.sessions import rules, service
from lovhub.server.sessions.sale import Till, TopUp
from tests.support.club import CASHIER, People

TIYN = st.integers(0, 10**12)
PRICE = 500_00


def cash_taken(club: ClubContext) -> int:
    with club.write() as work:
        return -ledger.balance(work.db, ledger.club_account(work, CASH).id)


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
    change = rules.change_due(amount, received)
    if received < amount:
        assert change is None
    else:
        assert change is not None
        assert change >= 0
        assert amount + change == received


@given(st.integers(0, 10**9), st.integers(1, 500))
def test_the_parts_of_one_payment_are_its_total(price: int, count: int) -> None:
    assert sum([price] * count) == rules.total_tiyn(price, count)


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
