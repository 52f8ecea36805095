"""Links that break, power that fails, PCs that come back or do not: every second is paid for once."""

import pytest

from lovhub.clock import ManualClock
from lovhub.server.club.models import Club
from lovhub.server.computers import service as computers
from lovhub.server.context import ClubContext
from lovhub.server.customers import view as customers_view
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Alarm
from lovhub.server.sessions import link, service
from tests.server.sessions.sittings import (
    PLAYER,
    assert_books_balance,
    buy_hour,
    report,
    seconds_left,
)
from tests.support.club import CASHIER, People


def test_what_the_server_has_seen_is_played_also_if_somebody_releases_it(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    """The cable is pulled, and a friend at the desk says that the PC has burned."""
    customer, computer, session = buy_hour(club, people)
    clock.advance(250)  # not yet booked: a lease is renewed every five minutes
    computers.flush_last_seen(club, {computer: clock.now() - 10})
    link.link_lost(club, computer_id=computer)
    clock.advance(60)
    service.release(club, session_id=session, reason="сгорел", actor=CASHIER)
    assert people.session(session).played_seconds == 240
    with club.read() as db:
        assert (
            customers_view.customer_view(db, 1, customer, clock.now()).seconds_available
            == 3600 - 240
        )
    assert_books_balance(club)


def test_a_lost_link_settles_by_the_pcs_count(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    _, computer, session = buy_hour(club, people)
    clock.advance(100)
    link.link_lost(club, computer_id=computer)
    clock.advance(400)
    link.run_due(club, set())
    assert people.session(session).state == "unreachable"

    link.link_returned(club, computer_id=computer, boot_id="boot-1", report=report(session, 498))

    assert people.session(session).state == "active"
    assert seconds_left(club, computer) == 3100  # the PC never stopped: the clock is right
    assert_books_balance(club)


def test_a_power_cut_pauses_where_the_pc_was_last_seen(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, session = buy_hour(club, people)
    clock.advance(100)
    link.link_lost(club, computer_id=computer)
    clock.advance(3000)
    link.link_returned(club, computer_id=computer, boot_id="boot-2", report=report(session, 97))

    row = people.session(session)
    assert (row.state, row.pause_reason) == ("paused", "power_cut")
    assert seconds_left(club, computer) == 3503
    assert (
        service.begin_for_customer(club, computer_id=computer, customer_id=customer, actor=PLAYER)
        == session
    )
    assert_books_balance(club)


def test_after_a_power_cut_the_next_player_need_not_wait(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    _, computer, session = buy_hour(club, people)
    link.link_lost(club, computer_id=computer)
    link.link_returned(club, computer_id=computer, boot_id="boot-2", report=report(session, 0))

    other = people.customer(balance_tiyn=50_000)
    service.buy(
        club, computer_id=computer, customer_id=other, tariff_id=1, key="other", actor=PLAYER
    )
    assert people.session(session).state == "ended"


def test_a_report_never_goes_beyond_the_lease(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    _, computer, session = buy_hour(club, people)
    link.link_lost(club, computer_id=computer)
    clock.advance(3000)
    link.link_returned(
        club, computer_id=computer, boot_id="boot-1", report=report(session, 1_000_000)
    )
    assert seconds_left(club, computer) == 2700


def test_a_report_repeated_settles_once(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    _, computer, session = buy_hour(club, people)
    link.link_lost(club, computer_id=computer)
    clock.advance(200)
    for _ in range(3):
        link.link_returned(
            club, computer_id=computer, boot_id="boot-1", report=report(session, 200)
        )
        link.link_lost(club, computer_id=computer)
    link.link_returned(club, computer_id=computer, boot_id="boot-1", report=report(session, 200))
    assert seconds_left(club, computer) == 3400


def test_what_a_silent_pc_holds_is_not_played_elsewhere(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, session = buy_hour(club, people)
    link.link_lost(club, computer_id=computer)

    other = people.computer()
    service.begin_for_customer(club, computer_id=other, customer_id=customer, actor=PLAYER)

    assert seconds_left(club, other) == 2700
    clock.advance(60)
    link.link_returned(club, computer_id=computer, boot_id="boot-1", report=report(session, 60))
    assert people.session(session).end_reason == "moved"
    assert seconds_left(club, other) == 3480
    assert_books_balance(club)


def test_a_release_needs_a_reason_and_a_later_report_is_an_alarm(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, session = buy_hour(club, people)
    link.link_lost(club, computer_id=computer)
    with pytest.raises(OperationRefused, match="reason_missing"):
        service.release(club, session_id=session, reason="  ", actor=CASHIER)
    service.release(club, session_id=session, reason="ПК сгорел", actor=CASHIER)

    other = people.computer()
    service.begin_for_customer(club, computer_id=other, customer_id=customer, actor=PLAYER)
    assert seconds_left(club, other) == 3600

    clock.advance(300)
    link.link_returned(club, computer_id=computer, boot_id="boot-1", report=report(session, 300))
    with club.read() as db:
        kinds = [alarm.kind for alarm in db.query(Alarm)]
    assert kinds == ["late_report"]
    assert_books_balance(club)


def test_the_servers_own_death_costs_nobody_anything(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    _, computer, session = buy_hour(club, people)
    clock.advance(120)

    link.recover_after_start(club)
    link.link_returned(club, computer_id=computer, boot_id="boot-1", report=report(session, 118))

    assert seconds_left(club, computer) == 3480
    assert_books_balance(club)


def test_a_pc_that_forgot_everything_is_settled_by_what_was_seen(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    _, computer, session = buy_hour(club, people)
    clock.advance(50)
    computers.flush_last_seen(club, {computer: clock.now()})
    link.link_lost(club, computer_id=computer)
    clock.advance(500)
    link.link_returned(club, computer_id=computer, boot_id="new", report=None)

    assert people.session(session).state == "paused"
    assert seconds_left(club, computer) == 3550
    with club.read() as db:
        assert [alarm.kind for alarm in db.query(Alarm)] == ["journal_lost"]


@pytest.mark.parametrize(
    ("silence_rule", "left"), [("consume", 2700), ("return", 3600), ("wait", None)]
)
def test_the_owner_says_what_becomes_of_a_pc_that_never_came_back(
    club: ClubContext, people: People, clock: ManualClock, silence_rule: str, left: int | None
) -> None:
    with club.write() as work:
        work.db.get_one(Club, club.club_id).silence_rule = silence_rule
    customer, computer, session = buy_hour(club, people)
    link.link_lost(club, computer_id=computer)
    clock.advance(2000)
    link.run_due(club, set())

    if left is None:
        assert people.session(session).state == "unreachable"
        return
    assert people.session(session).state == "ended"
    other = people.computer()
    service.begin_for_customer(club, computer_id=other, customer_id=customer, actor=PLAYER)
    assert seconds_left(club, other) == left
    assert_books_balance(club)


def test_a_pc_that_stopped_by_itself_says_how_much_was_played(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, session = buy_hour(club, people)
    link.link_lost(club, computer_id=computer)
    clock.advance(1000)
    with club.write() as work:
        link.stopped_by_pc(
            work, computer_id=computer, session_id=session, played_seconds=900, reason="lease_over"
        )
    assert people.session(session).end_reason == "lease_over"
    service.begin_for_customer(club, computer_id=computer, customer_id=customer, actor=PLAYER)
    assert seconds_left(club, computer) == 2700
    assert_books_balance(club)


def test_a_linked_pc_cannot_stop_its_session_for_less_than_the_clock_says(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, session = buy_hour(club, people)
    clock.advance(290)
    with club.write() as work:
        link.stopped_by_pc(
            work, computer_id=computer, session_id=session, played_seconds=-5, reason="lease_over"
        )
    assert people.session(session).played_seconds == 290
    service.begin_for_customer(club, computer_id=computer, customer_id=customer, actor=PLAYER)
    assert seconds_left(club, computer) == 3310
    assert_books_balance(club)


@pytest.mark.parametrize("boot", ["boot-1", "boot-2"])
def test_a_pc_that_links_anew_pays_for_the_time_it_was_seen(
    club: ClubContext, people: People, clock: ManualClock, boot: str
) -> None:
    _, computer, session = buy_hour(club, people)
    clock.advance(290)

    link.link_returned(
        club,
        computer_id=computer,
        boot_id="boot-1",
        report=report(session, 0, boot=boot),
        last_seen_at=clock.now(),
    )

    assert people.session(session).played_seconds == 290
    assert_books_balance(club)


def test_a_link_cut_again_and_again_for_half_a_minute_gains_nothing(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    _, computer, session = buy_hour(club, people)
    for _ in range(20):
        seen_at = clock.now()
        link.link_lost(club, computer_id=computer)
        clock.advance(29)
        link.link_returned(
            club,
            computer_id=computer,
            boot_id="boot-1",
            report=report(session, 0),
            last_seen_at=seen_at,
        )
    assert people.session(session).played_seconds == 20 * 29
    assert_books_balance(club)
