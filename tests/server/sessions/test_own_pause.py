"""A player's own pause: when there is one, who ends it, that nothing is gained by it, and that the desk hears of it."""

import pytest
from sqlalchemy import select, update

from lovhub.clock import ManualClock
from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.lots.models import Lot
from lovhub.server.minors import service as minors
from lovhub.server.sessions import link, own_pause, queries, service
from lovhub.server.sessions.sitting import club_rules
from tests.server.minors.test_service import HOUR, MINOR, born, buys, go_to, special_tariff
from tests.server.sessions.sittings import PLAYER, assert_books_balance, buy_hour, seconds_left
from tests.support.club import CASHIER, People


def pauses(club: ClubContext, computer: int, customer: int) -> None:
    own_pause.pause(club, computer_id=computer, customer_id=customer, actor=PLAYER)


def goes_on(club: ClubContext, computer: int, customer: int) -> int | None:
    """The customer signs in there."""
    return service.begin_for_customer(
        club, computer_id=computer, customer_id=customer, actor=PLAYER
    )


def forbid_pauses(club: ClubContext) -> None:
    """Of all time that is sold so far."""
    with club.write() as work:
        work.db.execute(update(Lot).values(pause_allowed=False))


def play(club: ClubContext, clock: ManualClock, computer: int, seconds: int) -> None:
    """Time passes, and the session clock looks."""
    until = clock.now() + seconds
    while clock.now() < until:
        clock.advance(min(300, until - clock.now()))
        link.run_due(club, {computer})


def may_pause(club: ClubContext, computer: int) -> bool:
    """Whether the PC is told to offer it."""
    with club.read() as db:
        here = queries.pc_session(db, club.club_id, computer, club.clock.now())
    assert here is not None
    return here.view.pause_allowed


def open_alarms(club: ClubContext) -> list[str]:
    with club.read() as db:
        return list(db.scalars(select(Alarm.kind).where(Alarm.closed_at.is_(None))))


def test_time_stands_still_until_the_same_customer_signs_in_again(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, session = buy_hour(club, people)
    assert may_pause(club, computer)
    clock.advance(600)
    pauses(club, computer, customer)
    pauses(club, computer, customer)  # the answer was lost
    with club.read() as db:
        here = queries.pc_session(db, club.club_id, computer, clock.now())
    assert here is not None
    view = here.view
    assert (view.state, view.paused_by, view.pause_allowed, here.lease) == (
        "paused",
        "player",
        False,
        None,
    )
    clock.advance(5000)
    assert seconds_left(club, computer) == 2999
    assert goes_on(club, computer, customer) == session
    clock.advance(10)
    assert seconds_left(club, computer) == 2989
    assert_books_balance(club)


def test_nobody_else_goes_on_with_it_or_takes_the_pc(club: ClubContext, people: People) -> None:
    customer, computer, session = buy_hour(club, people)
    other = people.customer(balance_tiyn=200_000, name="Айбек")
    with pytest.raises(OperationRefused, match="not_signed_in"):
        pauses(club, computer, other)
    pauses(club, computer, customer)
    with pytest.raises(OperationRefused, match="computer_busy"):
        goes_on(club, computer, other)
    with pytest.raises(OperationRefused, match="computer_busy"):
        service.seat_guest(
            club, computer_id=computer, tariff_id=people.tariff(), method="cash", guest_name="",
            actor=CASHIER, key="guest",
        )  # fmt: skip
    assert people.session(session).state == "paused"


def test_it_is_refused_and_not_offered_while_time_is_played_that_was_sold_without_pauses(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, session = buy_hour(club, people)
    forbid_pauses(club)
    assert not may_pause(club, computer)
    with pytest.raises(OperationRefused, match="pause_not_allowed"):
        pauses(club, computer, customer)
    later = special_tariff(club, title="С паузами")
    buys(club, computer, customer, later)
    assert not may_pause(club, computer)  # what comes later allows it, what is played now does not
    play(club, clock, computer, HOUR)
    assert may_pause(club, computer)
    pauses(club, computer, customer)
    assert people.session(session).state == "paused"


@pytest.mark.parametrize(("allowed_first", "problem"), [(True, "pause_not_allowed"), (False, "")])
def test_it_is_the_time_of_this_very_second_that_allows_it_and_not_that_of_the_last_settlement(
    club: ClubContext, people: People, clock: ManualClock, *, allowed_first: bool, problem: str
) -> None:
    customer, computer, session = buy_hour(club, people)
    with club.write() as work:
        work.db.execute(update(Lot).values(pause_allowed=allowed_first))
    buys(club, computer, customer, special_tariff(club, title="Потом"))
    with club.write() as work:
        later = select(Lot.id).order_by(Lot.id.desc()).limit(1).scalar_subquery()
        work.db.execute(update(Lot).where(Lot.id == later).values(pause_allowed=not allowed_first))
    play(club, clock, computer, HOUR - 60)
    assert may_pause(club, computer) == allowed_first
    clock.advance(90)  # the session clock looks every few minutes
    assert may_pause(club, computer) != allowed_first
    if problem:
        with pytest.raises(OperationRefused, match=problem):
            pauses(club, computer, customer)
    else:
        pauses(club, computer, customer)
    assert (people.session(session).state == "paused") == (not problem)


def test_a_guest_has_no_account_to_come_back_with(club: ClubContext, people: People) -> None:
    computer = people.computer()
    service.seat_guest(
        club, computer_id=computer, tariff_id=people.tariff(), method="cash", guest_name="",
        actor=CASHIER, key="guest",
    )  # fmt: skip
    assert not may_pause(club, computer)
    with pytest.raises(OperationRefused, match="not_signed_in"):
        pauses(club, computer, people.customer())


def test_pausing_again_and_again_plays_nothing_for_free(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    """Begun and paused within one second of the clock, however often: each of these seconds is paid for."""
    customer, computer, session = buy_hour(club, people)
    for _ in range(5):
        pauses(club, computer, customer)
        clock.advance(1)
        goes_on(club, computer, customer)
    pauses(club, computer, customer)
    assert people.session(session).played_seconds == 6
    assert seconds_left(club, computer) == 3594
    with pytest.raises(OperationRefused, match="too_many_attempts"):
        goes_on(club, computer, customer)  # that second is played
    clock.advance(1)
    service.resume(club, session_id=session, actor=CASHIER)
    service.pause(club, session_id=session, actor=CASHIER)
    assert people.session(session).played_seconds == 6  # the desk's pause gains nobody anything
    assert_books_balance(club)


def test_a_pause_in_the_last_second_is_the_end(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, session = buy_hour(club, people)
    play(club, clock, computer, 3599)
    pauses(club, computer, customer)
    row = people.session(session)
    assert (row.state, row.end_reason, row.played_seconds) == ("ended", "time_over", 3600)
    assert_books_balance(club)


def test_what_has_an_end_of_its_own_runs_on_towards_it(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    go_to(clock, "18:00")
    customer, computer = people.customer(balance_tiyn=200_000), people.computer()
    evening = special_tariff(
        club, kind="fixed_end", sold_from=18 * HOUR, sold_until=20 * HOUR, rest_rule="expires"
    )
    session = buys(club, computer, customer, evening)
    pauses(club, computer, customer)
    go_to(clock, "20:00")
    goes_on(club, computer, customer)
    row = people.session(session)
    assert (row.state, row.end_reason, row.played_seconds) == ("ended", "time_over", 1)
    assert_books_balance(club)


def test_at_another_pc_they_go_on_as_after_a_power_cut(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, session = buy_hour(club, people)
    clock.advance(99)
    pauses(club, computer, customer)
    there = people.computer()
    again = goes_on(club, there, customer)
    assert again not in {None, session}
    row = people.session(session)
    assert (row.state, row.end_reason) == ("ended", "moved")
    assert seconds_left(club, there) == 3500


def test_the_night_stops_who_has_paused(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    with club.write() as work:
        club_rules(work).minors_rule = True
    go_to(clock, "20:00")
    child = born(club, people.customer(balance_tiyn=900_00), MINOR)
    unknown = people.customer(balance_tiyn=900_00)
    here, there = people.computer(), people.computer()
    tariff = people.tariff()
    sessions = [buys(club, here, child, tariff), buys(club, there, unknown, tariff)]
    pauses(club, here, child)
    pauses(club, there, unknown)
    go_to(clock, "22:00")
    minors.stop_for_night(club)
    minor, waits = (people.session(session) for session in sessions)
    assert (minor.state, minor.end_reason) == ("ended", "night")
    assert (waits.state, waits.pause_reason) == ("paused", "night")
    with pytest.raises(OperationRefused, match="minor_at_night"):
        goes_on(club, here, child)
    with pytest.raises(OperationRefused, match="age_unconfirmed"):
        goes_on(club, there, unknown)


def test_the_desk_hears_of_a_long_pause_once_and_no_more_when_it_is_over(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, session = buy_hour(club, people)
    desk = people.computer()
    at_desk = people.customer(balance_tiyn=200_000)
    by_desk = service.buy(
        club, computer_id=desk, customer_id=at_desk, tariff_id=1, key="desk", actor=PLAYER
    )
    service.pause(club, session_id=by_desk, actor=CASHIER)  # which knows of it
    pauses(club, computer, customer)
    clock.advance(own_pause.LONG_SECONDS - 1)
    own_pause.tell_long(club)
    assert open_alarms(club) == []
    clock.advance(1)
    for _ in range(2):
        own_pause.tell_long(club)
    assert open_alarms(club) == ["paused_long"]
    goes_on(club, computer, customer)
    assert open_alarms(club) == []

    pauses(club, computer, customer)
    own_pause.tell_long(club)
    assert open_alarms(club) == []
    clock.advance(own_pause.LONG_SECONDS)
    own_pause.tell_long(club)
    assert open_alarms(club) == ["paused_long"]
    service.end(club, session_id=session, actor=CASHIER, reason="ended_by_desk")
    assert open_alarms(club) == []
    own_pause.tell_long(club)
    assert open_alarms(club) == []


def test_an_alarm_that_somebody_has_closed_does_not_come_again_for_the_same_pause(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer, _ = buy_hour(club, people)
    pauses(club, computer, customer)
    clock.advance(own_pause.LONG_SECONDS)
    own_pause.tell_long(club)
    with club.read() as db:
        [alarm_id] = db.scalars(select(Alarm.id))
    journal.close_alarm(club, alarm_id=alarm_id, actor=SYSTEM)
    clock.advance(3600)
    own_pause.tell_long(club)
    assert open_alarms(club) == []


def test_who_paused_is_in_the_journal(club: ClubContext, people: People) -> None:
    customer, computer, _ = buy_hour(club, people)
    player = Actor("customer", customer, "Ерлан")
    own_pause.pause(club, computer_id=computer, customer_id=customer, actor=player)
    with club.read() as db:
        event = db.scalars(select(Event).where(Event.kind == "session.paused")).one()
    assert (event.actor_kind, event.actor_id, event.computer_id) == ("customer", customer, computer)
