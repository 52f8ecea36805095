"""The dashboard's figures."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from lovhub.clock import ManualClock
from lovhub.server.applications import service as applications
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.customers.models import Customer
from lovhub.server.journal import service as journal
from lovhub.server.ledger.models import AccountBalance, LedgerAccount
from lovhub.server.reports import queries
from lovhub.server.reports.queries import MoneySince
from lovhub.server.sessions import service as sessions
from tests.support.club import CASHIER, People, found_another_club
from tests.support.month import Month

ALMATY = ZoneInfo("Asia/Almaty")
HOUR = 3600


def instant(day: int, hour: int, minute: int = 0) -> int:
    return int(datetime(2027, 3, day, hour, minute, tzinfo=ALMATY).timestamp())


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(instant(10, 23, 30))


def money(club: ClubContext) -> tuple[MoneySince, MoneySince]:
    with club.read() as db:
        return queries.money_today(db, club_service.get(db, club.club_id), club.clock.now())


def since_midnight(club: ClubContext) -> tuple[int, int]:
    """Sold and received."""
    got = money(club)[0].money
    return got.sold_tiyn, got.received_in_all_tiyn


def top_up(club: ClubContext, customer_id: int, amount_tiyn: int, key: str) -> None:
    customers.top_up(
        club,
        customer_id=customer_id,
        amount_tiyn=amount_tiyn,
        method="card",
        key=key,
        actor=CASHIER,
    )


def buy(club: ClubContext, people: People, customer_id: int, key: str) -> int:
    return sessions.buy(
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
    assert since_midnight(club) == (0, 2_000_00)
    buy(club, people, customer, "b")
    assert since_midnight(club) == (500_00, 2_000_00)
    assert money(club)[0].money.received_tiyn == {"cash": 0, "card": 2_000_00, "kaspi": 0}


def test_played_is_what_was_earned(club: ClubContext, people: People, clock: ManualClock) -> None:
    customer = people.customer(balance_tiyn=500_00)
    session_id = buy(club, people, customer, "b")
    clock.advance(900)
    sessions.end(club, session_id=session_id, actor=CASHIER, reason="ended_by_desk")
    assert money(club)[0].money.played_tiyn == 125_00


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
    assert since_midnight(club) == (500_00, 500_00)


def test_midnight_and_the_shift_are_two_beginnings(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer = people.customer()
    top_up(club, customer, 2_000_00, "a")
    clock.advance(29 * 60)
    assert since_midnight(club) == (0, 2_000_00)
    clock.advance(60)
    day, shift = money(club)
    assert (day.since_at, day.money.received_in_all_tiyn) == (instant(11, 0), 0)
    assert (shift.since_at, shift.money.received_in_all_tiyn) == (instant(10, 8), 2_000_00)
    clock.advance(8 * HOUR)
    top_up(club, customer, 1_00, "b")
    day, shift = money(club)
    assert shift.since_at == instant(11, 8)
    assert (day.money.received_in_all_tiyn, shift.money.received_in_all_tiyn) == (1_00, 1_00)


def test_customers_in_all_and_new_today(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    people.customer()
    clock.advance(HOUR)
    people.customer()
    people.customer()
    People(found_another_club(club.database, clock, club_id=7)).customer()
    gone = people.customer()
    with club.write() as work:
        work.db.get_one(Customer, gone).deleted_at = work.now
    with club.read() as db:
        found = queries.customers(db, club_service.get(db, club.club_id), clock.now())
    assert (found.total, found.new_today) == (3, 2)


def test_what_is_owed_is_what_stands_in_the_customers_accounts(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    Month(club, clock, people).play(3)

    def sum_of(*kinds: str) -> int:
        with club.read() as db:
            return int(
                db.scalar(
                    select(func.sum(AccountBalance.balance))
                    .join(LedgerAccount, LedgerAccount.id == AccountBalance.account_id)
                    .where(LedgerAccount.kind.in_(kinds))
                )
                or 0
            )

    with club.read() as db:
        owed = queries.owed(db, club_service.get(db, club.club_id))
    assert owed.balances_tiyn == sum_of("customer_balance") > 0
    assert owed.unplayed_tiyn == sum_of("lot_unearned") > 0
    assert owed.unplayed_seconds == sum_of("lot_available", "hold") > 0


def test_today_counts_sessions_and_games_since_midnight(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    game = applications.create(
        club, title="CS 2", kind="game", exe_path="C:\\cs2.exe", arguments=[], actor=CASHIER
    )
    for key in ("before midnight", "after", "after too"):
        pc, tariff = people.computer(), people.tariff()
        session_id = sessions.seat_guest(
            club, computer_id=pc, tariff_id=tariff, method="cash", guest_name="", actor=CASHIER,
            key=key,
        )  # fmt: skip
        with club.write() as work:
            journal.launch_started(
                work, computer_id=pc, session_id=session_id, customer_id=None, application_id=game,
                at=work.now,
            )  # fmt: skip
        clock.advance(31 * 60)
    with club.read() as db:
        found = queries.today(db, club_service.get(db, club.club_id), clock.now())
    assert (found.since_at, found.sessions, found.launches) == (instant(11, 0), 2, 2)
    assert [(game.title, game.seconds) for game in found.games] == [("CS 2", (31 + 62) * 60)]
