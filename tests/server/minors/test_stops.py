"""Who is stopped at 22:00 besides those who play: sittings that stand still; and what the stop costs nobody."""

import pytest

from lovhub.clock import ManualClock
from lovhub.protocol.channel import ReportedSession
from lovhub.server.actor import SYSTEM
from lovhub.server.computers.service import flush_last_seen
from lovhub.server.context import ClubContext
from lovhub.server.journal import service as journal
from lovhub.server.ledger.check import check_ledger
from lovhub.server.lots import expiry
from lovhub.server.minors import service
from lovhub.server.sessions import codes, link
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.models import PlaySession
from lovhub.server.sessions.sitting import load_sitting
from tests.server.minors.test_service import (
    HOUR,
    MINOR,
    available,
    born,
    buys,
    events,
    go_to,
    lots,
    on_pc,
    plays_until,
    refused,
    rule,
    seats,
    special_tariff,
)
from tests.server.sessions.test_zones import Zones
from tests.support.club import CASHIER, People

__all__ = ["rule"]


def heard(club: ClubContext, *pcs: int) -> None:
    """A server that runs hears its PCs."""
    flush_last_seen(club, dict.fromkeys(pcs, club.clock.now()))


def test_who_stands_still_at_ten_is_stopped_as_well(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    here, there, third = (people.computer() for _pc in range(3))
    guest = seats(club, here, people.tariff(seconds=3 * HOUR))
    child = born(club, people.customer(balance_tiyn=900_00), MINOR)
    evening = special_tariff(
        club, kind="fixed_end", sold_from=18 * HOUR, sold_until=23 * HOUR, rest_rule="expires"
    )
    minor = buys(club, there, child, evening, night_leave="accompanied")
    stays = seats(club, third, people.tariff(seconds=3 * HOUR), leave="adult")
    with club.write() as work:
        work.db.get_one(PlaySession, minor).night_leave = ""
    plays_until(club, clock, "21:30", here, there, third)
    for session in (guest, minor, stays):
        sessions.pause(club, session_id=session, actor=CASHIER)
    for time in ("22:00", "22:01"):
        go_to(clock, time)
        service.stop_for_night(club)
    row = people.session(guest)
    assert (row.state, row.pause_reason) == ("paused", "night")
    assert len(events(club, "session.waits_for_age")) == 1
    codes.send_home(club, session_id=guest, actor=CASHIER)
    row = people.session(minor)
    assert (row.state, row.end_reason) == ("ended", "night")
    row = people.session(stays)
    assert (row.state, row.pause_reason) == ("paused", "desk")
    go_to(clock, "23:30")
    expiry.expire_due(club)
    assert available(club, child) == 90 * 60
    with club.read() as db:
        assert check_ledger(db) == []


@pytest.mark.parametrize("back", ["23:30", "07:00"])
def test_who_stood_still_while_the_server_was_off_at_ten_is_stopped_by_that_ten(
    club: ClubContext, people: People, clock: ManualClock, back: str
) -> None:
    pcs = here, there, third, silent = [people.computer() for _pc in range(4)]
    guest = seats(club, here, people.tariff(seconds=3 * HOUR))
    child = born(club, people.customer(balance_tiyn=900_00), MINOR)
    player = people.customer(balance_tiyn=900_00)
    evening = special_tariff(
        club, kind="fixed_end", sold_from=18 * HOUR, sold_until=23 * HOUR, rest_rule="expires"
    )
    minor = buys(club, there, child, evening, night_leave="accompanied")
    stays = seats(club, third, people.tariff(seconds=3 * HOUR), leave="adult")
    cut = buys(club, silent, player, evening, night_leave="adult")
    with club.write() as work:
        for session in (minor, cut):
            work.db.get_one(PlaySession, session).night_leave = ""
    with club.write() as work:
        load_sitting(work, cut).lengthened(CASHIER)
    plays_until(club, clock, "21:30", *pcs)
    for session in (guest, minor, stays):
        sessions.pause(club, session_id=session, actor=CASHIER)
    link.link_lost(club, computer_id=silent)
    heard(club, *pcs)
    go_to(clock, back, day=15 if back > "22" else 16)
    with club.write() as work:  # at the command line, while no server was there
        journal.record(work, "staff.password_reset", SYSTEM, login="owner")
    assert link.recover_after_start(club) == 0  # nobody ran
    expiry.expire_due(club)
    service.stop_for_night(club)
    row = people.session(guest)
    assert (row.state, row.pause_reason) == ("paused", "night")
    row = people.session(minor)
    assert (row.state, row.end_reason) == ("ended", "night")
    row = people.session(stays)
    assert (row.state, row.pause_reason) == ("paused", "desk")
    assert people.session(cut).state == "unreachable"
    assert len(events(club, "session.waits_for_age")) == 1
    assert available(club, child) == 90 * 60
    assert {lot.expires_at for lot in lots(club)} == {None}
    codes.send_home(club, session_id=guest, actor=CASHIER)
    with club.read() as db:
        assert check_ledger(db) == []


def test_a_start_stops_nobody_whom_no_night_has_stopped(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    computer = people.computer()
    session = seats(club, computer, people.tariff(seconds=3 * HOUR), leave="adult")
    plays_until(club, clock, "21:30", computer)
    sessions.pause(club, session_id=session, actor=CASHIER)
    go_to(clock, "07:00", day=16)
    with (
        club.write() as work
    ):  # as if their age had become doubtful in the morning, with the server up all night
        work.db.get_one(PlaySession, session).night_leave = ""
    heard(club, computer)
    link.recover_after_start(club)
    assert people.session(session).pause_reason == "desk"


@pytest.mark.parametrize("time", ["22:10", "09:00"])
def test_ending_what_the_night_has_stopped_is_nobodys_leaving(
    club: ClubContext, people: People, clock: ManualClock, time: str
) -> None:
    player, computer = people.customer(balance_tiyn=900_00), people.computer()
    tariff = special_tariff(club, title="3 часа", seconds=3 * HOUR, rest_rule="expires")
    session = buys(club, computer, player, tariff)
    plays_until(club, clock, "22:00", computer)
    go_to(clock, time, day=15 if time > "22" else 16)
    sessions.end(club, session_id=session, actor=CASHIER, reason="ended_by_desk")
    assert available(club, player) == 90 * 60


def test_what_had_expired_before_the_night_is_not_kept_by_it(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    player, computer = people.customer(balance_tiyn=900_00), people.computer()
    tariff = special_tariff(
        club, kind="fixed_end", sold_from=18 * HOUR, sold_until=21 * HOUR, rest_rule="expires"
    )
    session = buys(club, computer, player, tariff)
    plays_until(club, clock, "20:50", computer)
    link.link_lost(club, computer_id=computer)
    for time in ("21:00", "22:00"):
        go_to(clock, time)
        expiry.expire_due(club)
        service.stop_for_night(club)
    report = ReportedSession(
        session, lease_serial=9, played_seconds=1200, boot_id="a", last_tick_at=0
    )
    link.link_returned(club, computer_id=computer, boot_id="b", report=report)
    expiry.expire_due(club)
    assert people.session(session).state == "ended"
    assert (available(club, player), [lot.exhausted for lot in lots(club)]) == (0, [True])


def test_a_guests_rest_is_not_brought_where_it_costs_more(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    zones = Zones(club, people, clock)
    zones.rule("difference")
    session = seats(club, zones.hall, zones.tariff)
    plays_until(club, clock, "22:00", zones.hall)
    sent = codes.send_home(club, session_id=session, actor=CASHIER)
    go_to(clock, "12:00", day=16)
    for computer in (zones.vip, zones.bootcamp):
        with refused("time_not_sold_there"):
            codes.begin_with_code(club, computer_id=computer, code=sent.code)
        assert on_pc(club, computer) is None
    codes.begin_with_code(club, computer_id=zones.hall, code=sent.code)
    shown = on_pc(club, zones.hall)
    assert shown is not None
    assert shown.seconds_left == 90 * 60
