"""A PC that falls silent before the night and is heard of after it: who played there was stopped, and loses nothing."""

from sqlalchemy import update

from lovhub.clock import ManualClock
from lovhub.protocol.channel import ReportedSession
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
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
    rule,
    seats,
    special_tariff,
)
from tests.support.club import CASHIER, People

__all__ = ["rule"]

PLAYED = 90 * 60
"""From 20:30 until the lease's end at 22:00."""


def three_hours(club: ClubContext, people: People) -> tuple[int, int]:
    """A guest sits down at 20:30 with three hours."""
    computer = people.computer()
    return computer, seats(club, computer, people.tariff(seconds=3 * HOUR, price_tiyn=900_00))


def evening_until_23(club: ClubContext) -> int:
    """A tariff whose rest expires with it."""
    return special_tariff(
        club, kind="fixed_end", sold_from=18 * HOUR, sold_until=23 * HOUR, rest_rule="expires"
    )


def plays_without_leave(
    club: ClubContext, computer: int, customer: int, tariff: int, *, leave: str
) -> int:
    """Somebody sits down for whom the desk vouched at the sale, and vouches no more."""
    session = buys(club, computer, customer, tariff, night_leave=leave)
    with club.write() as work:
        work.db.get_one(PlaySession, session).night_leave = ""
    with club.write() as work:
        load_sitting(work, session).lengthened(CASHIER)
    return session


def silence_rule(club: ClubContext, rule: str) -> None:
    with club.write() as work:
        work.db.execute(update(Club).values(silence_rule=rule))


def falls_silent(club: ClubContext, clock: ManualClock, computer: int) -> None:
    plays_until(club, clock, "21:50", computer)
    link.link_lost(club, computer_id=computer)
    night_falls(club, clock)


def night_falls(club: ClubContext, clock: ManualClock) -> None:
    """What the jobs of the night do is done."""
    go_to(clock, "22:01")
    link.run_due(club, set())
    service.stop_for_night(club)
    expiry.expire_due(club)


def is_back(club: ClubContext, computer: int, session: int, *, boot: str = "b") -> None:
    report = ReportedSession(
        session_id=session, lease_serial=9, played_seconds=PLAYED, boot_id="b", last_tick_at=0
    )
    link.link_returned(club, computer_id=computer, boot_id=boot, report=report)


HOWS = ("same boot", "another boot", "journal", "released", "rule")
"""How the server hears of a PC: it is back, its journal is, a person gives it up, or the owner's rule does."""


def test_a_guest_gets_a_code_for_all_that_is_left_however_the_pc_is_heard_of(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    there = {how: three_hours(club, people) for how in HOWS}
    plays_until(club, clock, "21:50", *(computer for computer, _ in there.values()))
    for how, (computer, _) in there.items():
        silence_rule(club, "consume" if how == "rule" else "wait")
        link.link_lost(club, computer_id=computer)
    night_falls(club, clock)
    sessions.release(club, session_id=there["released"][1], reason="Ушёл", actor=CASHIER)
    [released] = events(club, "session.released")
    assert (released.actor_name, released.data["reason"]) == (CASHIER.name, "Ушёл")

    go_to(clock, "08:00", day=16)
    with club.write() as work:
        computer, session = there["journal"]
        link.stopped_by_pc(
            work,
            computer_id=computer,
            session_id=session,
            played_seconds=PLAYED,
            reason="time_over",
        )
    for how, (computer, session) in there.items():
        is_back(club, computer, session, boot="c" if how == "another boot" else "b")
        row = people.session(session)
        found = (row.state, row.pause_reason, row.played_seconds)
        assert (how, *found) == (how, "paused", "night", PLAYED)
        sent = codes.send_home(club, session_id=session, actor=CASHIER)
        codes.begin_with_code(club, computer_id=computer, code=sent.code)
        shown = on_pc(club, computer)
        assert shown is not None
        assert shown.seconds_left == 3 * HOUR - PLAYED
    with club.read() as db:
        assert check_ledger(db) == []


def test_a_minors_evening_is_kept_whole_and_may_be_played_in_the_morning(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    silence_rule(club, "consume")
    child, computer = born(club, people.customer(balance_tiyn=900_00), MINOR), people.computer()
    evening = evening_until_23(club)
    session = plays_without_leave(club, computer, child, evening, leave="accompanied")
    falls_silent(club, clock, computer)
    go_to(clock, "06:30", day=16)
    expiry.expire_due(club)
    is_back(club, computer, session)
    row = people.session(session)
    assert (row.state, row.end_reason, row.played_seconds) == ("ended", "night", PLAYED)
    assert available(club, child) == HOUR
    sessions.seat_customer(club, computer_id=computer, customer_id=child, actor=CASHIER)


def test_what_a_pc_tells_late_of_an_evening_that_is_over_is_no_second_night(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    child, computer = born(club, people.customer(balance_tiyn=1800_00), MINOR), people.computer()
    evening = evening_until_23(club)
    session = plays_without_leave(club, computer, child, evening, leave="accompanied")
    falls_silent(club, clock, computer)
    sessions.release(club, session_id=session, reason="Ушёл", actor=CASHIER)
    assert people.session(session).end_reason == "night"
    told = [(kind, len(events(club, kind))) for kind in ("session.ended", "time.kept_for_night")]
    go_to(clock, "19:00", day=16)
    buys(club, people.computer(), child, evening, night_leave="accompanied")
    before = lots(club)[-1].expires_at
    assert before is not None
    played = people.session(session).played_seconds
    is_back(club, computer, session)
    assert people.session(session).played_seconds > played
    assert lots(club)[-1].expires_at == before, "what was bought since is of the next evening"
    assert told == [(kind, len(events(club, kind))) for kind, _ in told]


def test_a_server_that_was_off_all_night_keeps_it_too(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    player, computer = people.customer(balance_tiyn=900_00), people.computer()
    evening = evening_until_23(club)
    session = plays_without_leave(club, computer, player, evening, leave="adult")
    plays_until(club, clock, "21:50", computer)
    go_to(clock, "07:00", day=16)
    link.recover_after_start(club)
    service.stop_for_night(club)
    expiry.expire_due(club)
    assert [lot.expires_at for lot in lots(club)] == [None]
    is_back(club, computer, session)
    row = people.session(session)
    assert (row.state, row.pause_reason) == ("paused", "night")
    assert available(club, player) == HOUR
    sessions.resume(club, session_id=session, actor=CASHIER)  # it is day


def test_whoever_was_let_stay_meanwhile_goes_on(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    computer, session = three_hours(club, people)
    falls_silent(club, clock, computer)
    service.let_stay(club, session_id=session, leave="adult", actor=CASHIER)
    go_to(clock, "08:00", day=16)
    is_back(club, computer, session)
    assert people.session(session).state == "active"
