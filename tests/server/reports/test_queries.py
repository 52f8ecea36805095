from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from lovhub.clock import ManualClock
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.reports import queries
from lovhub.server.sessions import service as sessions
from tests.support.club import CASHIER, People

ALMATY = ZoneInfo("Asia/Almaty")


def instant(day: int, hour: int, minute: int = 0) -> int:
    return int(datetime(2027, 3, day, hour, minute, tzinfo=ALMATY).timestamp())


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(instant(10, 23, 30))


def today(club: ClubContext) -> queries.Today:
    with club.read() as db:
        row = club_service.get(db, club.club_id)
        return queries.today(db, row, club.clock.now())


def top_up(club: ClubContext, customer_id: int, amount_tiyn: int, key: str) -> None:
    customers.top_up(
        club,
        customer_id=customer_id,
        amount_tiyn=amount_tiyn,
        method="card",
        key=key,
        actor=CASHIER,
    )


def buy(club: ClubContext, people: People, customer_id: int, key: str) -> None:
    sessions.buy(
        club,
        computer_id=people.computer(),
        customer_id=customer_id,
        tariff_id=people.tariff(price_tiyn=500_00),
        key=key,
        actor=CASHIER,
    )


def test_sold_and_received_are_two_things(club: ClubContext, people: People) -> None:
    customer = people.customer()
    top_up(club, customer, 2_000_00, "a")
    assert (today(club).sold_tiyn, today(club).received_tiyn) == (0, 2_000_00)
    buy(club, people, customer, "b")
    assert (today(club).sold_tiyn, today(club).received_tiyn) == (500_00, 2_000_00)


def test_a_guests_money_is_both(club: ClubContext, people: People) -> None:
    sessions.seat_guest(
        club,
        computer_id=people.computer(),
        tariff_id=people.tariff(price_tiyn=500_00),
        method="cash",
        guest_name="",
        actor=CASHIER,
        key="a",
    )
    figures = today(club)
    assert (figures.sold_tiyn, figures.received_tiyn, figures.sessions) == (500_00, 500_00, 1)


def test_the_day_begins_at_midnight_of_the_club(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer = people.customer()
    top_up(club, customer, 2_000_00, "a")
    buy(club, people, customer, "b")
    clock.advance(29 * 60)
    assert today(club).received_tiyn == 2_000_00
    clock.advance(60)
    figures = today(club)
    assert figures.since_at == instant(11, 0)
    assert (figures.sold_tiyn, figures.received_tiyn, figures.sessions) == (0, 0, 0)
