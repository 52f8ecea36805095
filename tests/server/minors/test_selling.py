"""What is sold to a minor in the evening: reckoned from what is really left, at the PC where it will be played."""

import pytest

from lovhub.clock import ManualClock
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.sessions import service as sessions
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import PlayRule, Terms
from tests.server.minors.test_service import (
    HOUR,
    MINOR,
    born,
    buys,
    go_to,
    plays_until,
    refused,
    rule,
)
from tests.server.sessions.test_zones import Zones
from tests.support.club import CASHIER, OWNER, People

__all__ = ["rule"]


def sells_more(club: ClubContext, session: int, tariff: int) -> None:
    sessions.sell_more(
        club, session_id=session, tariff_id=tariff, method="balance", actor=CASHIER,
        key=f"more at {club.clock.now()}",
    )  # fmt: skip


@pytest.mark.parametrize("at", ["desk", "pc"])
def test_what_is_held_for_the_pc_is_played_before_it(
    club: ClubContext, people: People, clock: ManualClock, at: str
) -> None:
    child, computer = born(club, people.customer(balance_tiyn=900_00), MINOR), people.computer()
    session = buys(club, computer, child, people.tariff(seconds=45 * 60, price_tiyn=1_00))
    hour = people.tariff()
    with refused("minor_past_night"):  # 45 minutes and an hour from 20:30
        if at == "desk":
            sells_more(club, session, hour)
        else:
            buys(club, computer, child, hour)


@pytest.mark.parametrize("at", ["desk", "pc"])
def test_what_is_played_by_now_is_not_played_again(
    club: ClubContext, people: People, clock: ManualClock, at: str
) -> None:
    child, computer = born(club, people.customer(balance_tiyn=900_00), MINOR), people.computer()
    go_to(clock, "20:00")
    session = buys(club, computer, child, people.tariff(seconds=HOUR, price_tiyn=1_00))
    plays_until(club, clock, "20:55", computer)
    clock.advance(299)  # one second before the next settlement, one second before the hour is over
    hour = people.tariff(seconds=HOUR, title="До десяти")
    if at == "desk":
        sells_more(club, session, hour)
    else:
        buys(club, computer, child, hour)
    plays_until(club, clock, "22:00", computer)
    row = people.session(session)
    assert (row.state, row.end_reason, row.played_seconds) == ("ended", "time_over", 2 * HOUR)


def test_time_that_waits_for_another_zone_is_not_played_before_it(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    zones = Zones(club, people, clock)
    zones.rule("difference")
    go_to(clock, "12:00")
    zones.end(zones.buy(zones.hall))  # three hours that are not played in VIP as they are
    born(club, zones.customer, MINOR)
    go_to(clock, "21:00")
    buys(club, zones.vip, zones.customer, people.tariff())
    with club.read() as db:
        assert db.get_one(Club, 1).minors_rule


@pytest.mark.parametrize("play_rule", ["any_time", "sale_hours"])
def test_what_has_hours_of_its_own_counts_until_they_end(
    club: ClubContext, people: People, clock: ManualClock, play_rule: PlayRule
) -> None:
    child, computer = born(club, people.customer(balance_tiyn=900_00), MINOR), people.computer()
    terms = Terms(
        "До девяти",
        3 * HOUR,
        500_00,
        sold_from=10 * HOUR,
        sold_until=21 * HOUR,
        play_rule=play_rule,
    )
    tariff = tariffs.create(club, terms=terms, actor=OWNER)
    if play_rule == "any_time":
        with refused("minor_past_night"):
            buys(club, computer, child, tariff)
    else:
        session = buys(club, computer, child, tariff)
        plays_until(club, clock, "21:00", computer)
        row = people.session(session)
        assert (row.end_reason, row.played_seconds) == ("time_over", 30 * 60)
