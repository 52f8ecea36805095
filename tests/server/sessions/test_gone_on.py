"""With the owner's leave a player went on by their password after a power cut, and the server hears of it later."""

import pytest

from lovhub.clock import ManualClock
from lovhub.server.club.models import Club
from lovhub.server.computers import service as computers
from lovhub.server.context import ClubContext
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.sessions import link, service
from tests.server.sessions.sittings import (
    PLAYER,
    assert_books_balance,
    buy_hour,
    report,
    seconds_left,
)
from tests.support.club import People


def set_up(club: ClubContext, *, leave: bool = True, silence_rule: str = "wait") -> None:
    with club.write() as work:
        row = work.db.get_one(Club, club.club_id)
        row.cached_sign_ins, row.silence_rule = leave, silence_rule


def power_fails(club: ClubContext, computer: int, clock: ManualClock, *, after: int) -> None:
    """Everywhere, the server included, which wakes up ten minutes later."""
    clock.advance(after)
    computers.flush_last_seen(club, {computer: clock.now()})
    clock.advance(600)
    link.recover_after_start(club)


def come_back(club: ClubContext, computer: int, session: int, played: int) -> int | None:
    told = report(session, played, boot="boot-2", restarted=True)
    return link.link_returned(club, computer_id=computer, boot_id="boot-2", report=told)


def alarms(club: ClubContext) -> list[str]:
    with club.read() as db:
        return [alarm.kind for alarm in db.query(Alarm)]


def events(club: ClubContext) -> list[str]:
    with club.read() as db:
        return [event.kind for event in db.query(Event)]


def test_it_goes_on_with_what_was_played_and_without_the_time_in_the_dark(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    set_up(club)
    _, computer, session = buy_hour(club, people)
    power_fails(club, computer, clock, after=100)

    assert come_back(club, computer, session, 340) == session

    assert people.session(session).state == "active"
    assert seconds_left(club, computer) == 3600 - 340
    assert alarms(club) == []
    assert "session.gone_on" in events(club)
    clock.advance(20)
    assert seconds_left(club, computer) == 3600 - 360, "the clock bills again"
    assert_books_balance(club)


def test_what_the_server_saw_is_played_whatever_the_pc_says(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    set_up(club)
    _, computer, session = buy_hour(club, people)
    power_fails(club, computer, clock, after=100)
    come_back(club, computer, session, 3)
    assert seconds_left(club, computer) == 3500
    assert_books_balance(club)


def test_told_again_and_again_it_is_booked_once_and_never_beyond_the_lease(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    set_up(club)
    _, computer, session = buy_hour(club, people)
    power_fails(club, computer, clock, after=100)
    for _ in range(3):
        come_back(club, computer, session, 340)
        link.link_lost(club, computer_id=computer)
    assert people.session(session).played_seconds == 340
    come_back(club, computer, session, 10**6)
    assert people.session(session).played_seconds == 340 + 900
    assert_books_balance(club)


@pytest.mark.parametrize(("leave", "boot"), [(False, "boot-2"), (True, "boot-3")])
def test_without_the_owners_leave_or_after_another_power_cut_it_waits_like_after_any(
    club: ClubContext, people: People, clock: ManualClock, *, leave: bool, boot: str
) -> None:
    set_up(club, leave=leave)
    _, computer, session = buy_hour(club, people)
    power_fails(club, computer, clock, after=100)
    told = report(session, 340, boot="boot-2", restarted=True)
    link.link_returned(club, computer_id=computer, boot_id=boot, report=told)
    row = people.session(session)
    assert (row.state, row.pause_reason, row.played_seconds) == ("paused", "power_cut", 340)
    assert_books_balance(club)


@pytest.mark.parametrize("spent", [False, True], ids=["still there", "played elsewhere meanwhile"])
def test_seconds_that_were_given_back_and_played_by_a_clock_moved_back_are_an_alarm(
    club: ClubContext, people: People, clock: ManualClock, *, spent: bool
) -> None:
    """The lease was over by the server's clock; the PC's was set back in the BIOS, and so it went on."""
    set_up(club, silence_rule="return")
    customer, computer, session = buy_hour(club, people)
    power_fails(club, computer, clock, after=100)
    clock.advance(600)
    link.run_due(club, set())
    assert people.session(session).end_reason == "lease_over"
    other = people.computer()
    if spent:
        service.begin_for_customer(club, computer_id=other, customer_id=customer, actor=PLAYER)
        assert seconds_left(club, other) == 3500
        for _ in range(14):
            clock.advance(250)
            link.run_due(club, {other})
    with club.read() as db:
        assert not db.query(Alarm).all()

    assert come_back(club, computer, session, 900) is None

    assert alarms(club) == ["late_report"]
    assert people.session(session).played_seconds == (100 if spent else 900)
    assert_books_balance(club)


def test_where_the_rest_counts_as_played_a_moved_clock_gains_nothing(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    set_up(club, silence_rule="consume")
    _, computer, session = buy_hour(club, people)
    power_fails(club, computer, clock, after=100)
    clock.advance(600)
    link.run_due(club, set())
    assert come_back(club, computer, session, 900) is None
    assert people.session(session).played_seconds == 900
    assert alarms(club) == []
    assert_books_balance(club)
