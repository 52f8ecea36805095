"""Time that was sold for certain hours: played within them only, each second once, and nothing of it is lost."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lovhub.clock import ManualClock
from lovhub.protocol.channel import ReportedSession
from lovhub.protocol.views import WaitingView
from lovhub.server.context import ClubContext
from lovhub.server.customers import view as customers_view
from lovhub.server.errors import OperationRefused
from lovhub.server.guest_time import queries as guest_time
from lovhub.server.guest_time import service as guest_time_service
from lovhub.server.ledger.check import check_ledger
from lovhub.server.lots import rest
from lovhub.server.lots.models import Lot
from lovhub.server.sessions import codes, link, own_pause, queries, rules, service
from lovhub.server.sessions.lot_seconds import LotSeconds
from lovhub.server.sessions.sitting import club_rules
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.server.tariffs.test_sold_time import Evening
from tests.support.club import CASHIER, OWNER, People

HOUR = 3600
DAYTIME = Terms(
    "День", 3 * HOUR, 900_00, sold_from=10 * HOUR, sold_until=18 * HOUR, play_rule="sale_hours"
)
ANY = Terms("Час", HOUR, 500_00)
BUNDLE = Terms("10 часов", 10 * HOUR, 2000_00, "bundle", valid_days=30, rest_rule="expires")


def almaty(moment: str) -> int:
    return int(datetime.fromisoformat(f"{moment}+05:00").timestamp())


@pytest.fixture
def evening(club: ClubContext, people: People, clock: ManualClock) -> Evening:
    """Friday, 13 March 2026, 17:00."""
    clock.advance(almaty("2026-03-13 17:00") - clock.now())
    return Evening(club, people, clock)


@pytest.fixture(autouse=True)
def _books_balance(club: ClubContext) -> Iterator[None]:
    yield
    with club.read() as db:
        assert check_ledger(db) == []


def go_to(evening: Evening, moment: str) -> None:
    """No session clock runs meanwhile."""
    evening.clock.advance(almaty(moment) - evening.clock.now())


def signs_in(evening: Evening) -> int | None:
    return service.begin_for_customer(
        evening.club,
        computer_id=evening.computer,
        customer_id=evening.customer,
        actor=evening.player,
    )


def waiting(evening: Evening) -> WaitingView | None:
    with evening.club.read() as db:
        return customers_view.customer_view(
            db, evening.club.club_id, evening.customer, evening.clock.now()
        ).waiting


def test_it_is_played_until_the_border_and_the_rest_waits_for_the_next_window(
    evening: Evening,
) -> None:
    session_id = evening.buy(evening.sold(DAYTIME))
    assert evening.plan() == [("День", HOUR)]
    assert waiting(evening) is None
    evening.pass_hours(1)
    row = evening.people.session(session_id)
    assert (row.end_reason, row.played_seconds) == ("time_over", HOUR)
    assert row.ended_at == almaty("2026-03-13 18:00")
    assert waiting(evening) == WaitingView(2 * HOUR, "10:00", opens_on="14.03")
    assert signs_in(evening) is None
    with pytest.raises(OperationRefused, match="time_waits"):
        service.seat_customer(
            evening.club,
            computer_id=evening.computer,
            customer_id=evening.customer,
            actor=CASHIER,
        )
    go_to(evening, "2026-03-14 09:59:59")
    assert waiting(evening) == WaitingView(2 * HOUR, "10:00")
    assert signs_in(evening) is None
    evening.clock.advance(1)
    assert signs_in(evening) is not None
    assert evening.plan() == [("День", 2 * HOUR)]
    evening.pass_hours(2)
    assert (evening.lots()[0].exhausted, evening.revenue_tiyn()) == (True, 900_00)


def test_the_lease_never_reaches_beyond_the_border(evening: Evening) -> None:
    go_to(evening, "2026-03-13 17:55")
    session_id = evening.buy(evening.sold(DAYTIME))
    row = evening.people.session(session_id)
    assert (row.leased_seconds, row.due_at) == (300, almaty("2026-03-13 18:00"))


def test_what_else_there_is_is_played_next_and_the_hours_are_taken_up_on_their_second(
    evening: Evening,
) -> None:
    evening.buy(evening.sold(replace(BUNDLE, seconds=20 * HOUR)))
    session_id = evening.buy(evening.sold(DAYTIME))
    with evening.club.read() as db:
        plan = queries.hall_sessions(db, evening.club.club_id, evening.clock.now())[
            evening.computer
        ].plan
    assert [(one.title, one.seconds, one.later_seconds) for one in plan] == [
        ("День", HOUR, 2 * HOUR), ("10 часов", 20 * HOUR, 0),
    ]  # fmt: skip
    evening.pass_hours(1)
    assert evening.plan() == [("10 часов", 20 * HOUR)]
    evening.pass_hours(15.75)
    assert evening.people.session(session_id).due_at == almaty("2026-03-14 09:50")
    evening.pass_hours(0.25)
    assert evening.plan() == [("День", 2 * HOUR), ("10 часов", 4 * HOUR)]
    assert evening.people.session(session_id).played_seconds == 17 * HOUR


def test_what_was_sold_stays_whatever_becomes_of_the_tariff_and_the_holidays(
    evening: Evening,
) -> None:
    tariff_id = evening.sold(replace(DAYTIME, holiday_rule="not"))
    evening.buy(tariff_id)
    tariffs.change(evening.club, tariff_id=tariff_id, terms=ANY, actor=OWNER)
    tariffs.set_holidays(evening.club, days=[date(2026, 3, 14)], actor=OWNER)
    evening.pass_hours(1)
    assert waiting(evening) == WaitingView(2 * HOUR, "10:00", opens_on="14.03")
    # and what is bought now is what the tariff is now
    evening.buy(tariff_id)
    assert evening.plan() == [("Час", HOUR)]


def test_leaving_takes_a_rest_that_is_not_kept_within_its_hours_only(evening: Evening) -> None:
    daytime, hour = evening.sold(replace(DAYTIME, rest_rule="expires")), evening.sold(ANY)
    evening.buy(daytime)
    evening.pass_hours(0.5)
    session_id = evening.buy(hour)
    evening.pass_hours(1)
    assert evening.plan() == [("Час", HOUR / 2)]
    evening.leave(session_id)
    assert not evening.lots()[0].exhausted, "it could not be played any more"
    go_to(evening, "2026-03-14 12:00")
    again = signs_in(evening)
    assert again is not None
    evening.leave(again)
    assert evening.lots()[0].exhausted


@pytest.mark.parametrize("back_at", ["2026-03-13 17:59", "2026-03-13 19:00", "2026-03-14 11:00"])
def test_a_silent_pc_plays_no_further_than_its_lease_and_is_billed_for_what_it_played(
    evening: Evening, back_at: str
) -> None:
    go_to(evening, "2026-03-13 17:50")
    session_id = evening.buy(evening.sold(DAYTIME))
    link.link_lost(evening.club, computer_id=evening.computer)
    go_to(evening, back_at)
    played = min(600, evening.clock.now() - almaty("2026-03-13 17:50"))
    report = ReportedSession(
        session_id, lease_serial=1, played_seconds=played, boot_id="a", last_tick_at=0
    )
    link.link_returned(evening.club, computer_id=evening.computer, boot_id="b", report=report)
    row = evening.people.session(session_id)
    assert row.played_seconds == played
    # The next morning its hours are here again: a PC that had lost power waits for its player.
    assert (row.state, row.end_reason) == (
        ("ended", "time_over") if "19:00" in back_at else ("paused", "")
    )


def test_a_late_report_of_a_released_pc_is_booked_though_its_hours_are_over(
    evening: Evening,
) -> None:
    go_to(evening, "2026-03-13 17:50")
    session_id = evening.buy(evening.sold(DAYTIME))
    link.link_lost(evening.club, computer_id=evening.computer)
    go_to(evening, "2026-03-13 17:55")
    service.release(evening.club, session_id=session_id, reason="молчит", actor=CASHIER)
    go_to(evening, "2026-03-13 18:30")
    report = ReportedSession(
        session_id, lease_serial=1, played_seconds=600, boot_id="a", last_tick_at=0
    )
    link.link_returned(evening.club, computer_id=evening.computer, boot_id="a", report=report)
    assert evening.people.session(session_id).played_seconds == 600


def test_a_guests_rest_waits_for_a_code_and_the_code_waits_for_its_hours(
    evening: Evening,
) -> None:
    club = evening.club
    service.seat_guest(
        club, computer_id=evening.computer, tariff_id=evening.sold(DAYTIME), method="cash",
        guest_name="Айдар", actor=CASHIER, key="guest",
    )  # fmt: skip
    evening.pass_hours(1)
    with club.read() as db:
        (time,) = guest_time.page(db, club.club_id, now=club.clock.now()).rows
    assert time.seconds == 2 * HOUR
    given = guest_time_service.give_code(club, lot_id=time.lot_id, actor=CASHIER, key="code")
    with pytest.raises(OperationRefused, match="time_waits"):
        codes.begin_with_code(club, computer_id=evening.computer, code=given.code)
    go_to(evening, "2026-03-14 10:00")
    codes.begin_with_code(club, computer_id=evening.computer, code=given.code)
    assert evening.plan() == [("День", 2 * HOUR)]


def test_a_move_to_another_price_takes_the_hours_along(evening: Evening) -> None:
    session_id = evening.buy(evening.sold(DAYTIME))
    evening.leave(session_id, "ended_by_desk")
    with evening.club.write() as work:
        lot = work.db.get_one(Lot, evening.lots()[0].id)
        there = rest.carry_over(
            work, lot, zone_id=None, seconds=HOUR, difference_tiyn=0, actor=CASHIER
        )
        assert there.play_hours == lot.play_hours is not None


def test_time_without_hours_is_played_at_any_time(evening: Evening) -> None:
    session_id = evening.buy(evening.sold(replace(DAYTIME, play_rule="any_time")))
    evening.pass_hours(3)
    assert evening.people.session(session_id).played_seconds == 3 * HOUR
    assert evening.lots()[0].play_hours is None


@pytest.mark.parametrize(
    ("seconds", "opens_in", "due_at"), [(600, 100, 100), (600, 400, 300), (0, 100, 300)]
)
def test_it_is_looked_at_when_the_hours_of_something_begin(
    seconds: int, opens_in: int, due_at: int
) -> None:
    lots = [LotSeconds(1, seconds, 0, expires_in=0, opens_in=opens_in), LotSeconds(2, 3600, 0)]
    decision = rules.begin(lots, now=0, lease_seconds=900)
    assert decision.session.due_at == due_at
    assert [move.lot_id for move in decision.moves] == [2]


def pauses(evening: Evening) -> None:
    own_pause.pause(
        evening.club,
        computer_id=evening.computer,
        customer_id=evening.customer,
        actor=evening.player,
    )


def standing(evening: Evening) -> list[tuple[str, str, str]]:
    with evening.club.read() as db:
        live = queries.hall_sessions(db, evening.club.club_id, evening.clock.now())
    return [(time.title, time.until, time.then) for time in live[evening.computer].plan]


def test_paused_over_the_border_nothing_is_lost_and_the_desk_does_not_end_it_by_chance(
    evening: Evening,
) -> None:
    go_to(evening, "2026-03-13 17:45")
    session_id = evening.buy(evening.sold(replace(DAYTIME, rest_rule="expires")))
    go_to(evening, "2026-03-13 17:50")
    assert standing(evening) == [("День", "18:00", "waits")]
    pauses(evening)
    assert standing(evening) == [("День", "18:00", "waits")]
    evening.pass_hours(0.5)
    assert standing(evening) == []
    with pytest.raises(OperationRefused, match="time_waits"):
        service.resume(evening.club, session_id=session_id, actor=CASHIER)
    with pytest.raises(OperationRefused, match="time_waits"):
        service.seat_customer(
            evening.club, computer_id=evening.computer, customer_id=evening.customer, actor=CASHIER
        )
    assert evening.people.session(session_id).state == "paused"
    assert signs_in(evening) == session_id
    row = evening.people.session(session_id)
    assert (row.state, row.end_reason, row.played_seconds) == ("ended", "time_over", 301)
    assert waiting(evening) == WaitingView(3 * HOUR - 301, "10:00", opens_on="14.03")
    assert not evening.lots()[0].exhausted


def test_paused_over_the_border_it_goes_on_with_what_may_be_played_then(evening: Evening) -> None:
    go_to(evening, "2026-03-13 17:45")
    session_id = evening.buy(evening.sold(DAYTIME))
    evening.buy(evening.sold(BUNDLE))
    go_to(evening, "2026-03-13 17:50")
    service.pause(evening.club, session_id=session_id, actor=CASHIER)
    go_to(evening, "2026-03-13 18:20")
    service.resume(evening.club, session_id=session_id, actor=CASHIER)
    assert evening.plan() == [("10 часов", 10 * HOUR)]
    service.pause(evening.club, session_id=session_id, actor=CASHIER)
    go_to(evening, "2026-03-14 10:00")
    service.resume(evening.club, session_id=session_id, actor=CASHIER)
    assert evening.plan() == [("День", 3 * HOUR - 300), ("10 часов", 10 * HOUR)]


def test_paused_beyond_its_end_it_has_followed_its_rule_and_more_is_sold_on_top(
    evening: Evening,
) -> None:
    until_eight = Terms(
        "Вечер", HOUR, 1000_00, "fixed_end", sold_from=18 * HOUR, sold_until=20 * HOUR, rest_rule="refunded"
    )  # fmt: skip
    go_to(evening, "2026-03-13 18:00")
    session_id = evening.buy(evening.sold(until_eight))
    go_to(evening, "2026-03-13 18:15")
    service.pause(evening.club, session_id=session_id, actor=CASHIER)
    assert standing(evening) == [("Вечер", "20:00", "refunded")]
    before = evening.people.balance_tiyn(evening.customer)
    evening.pass_hours(2)
    assert evening.people.balance_tiyn(evening.customer) - before == 875_00
    with pytest.raises(OperationRefused, match="no_time_left"):
        service.resume(evening.club, session_id=session_id, actor=CASHIER)
    assert evening.buy(evening.sold(ANY)) == session_id
    row = evening.people.session(session_id)
    assert (row.state, evening.plan()) == ("active", [("Час", HOUR)])


def test_what_a_pause_comes_to_is_told_soon_before_it_does(evening: Evening) -> None:
    with evening.club.write() as work:
        club_rules(work).minors_rule = True
    evening.buy(evening.sold(BUNDLE))
    evening.buy(evening.sold(replace(DAYTIME, sold_until=23 * HOUR)))
    night = [("День", "22:00", "night"), ("10 часов", "22:00", "night")]
    assert standing(evening) == night  # nobody has confirmed their age
    with evening.club.write() as work:
        club_rules(work).minors_rule = False
    assert standing(evening) == [("День", "23:00", "waits"), ("10 часов", "", "")]
    go_to(evening, "2026-04-12 12:00:00")  # the bundle's last day
    link.run_due(evening.club, {evening.computer})
    assert signs_in(evening) is not None
    assert standing(evening) == [("День", "23:00", "waits"), ("10 часов", "00:00", "expires")]


def test_of_the_end_of_the_hours_and_the_night_the_first_is_told(evening: Evening) -> None:
    with evening.club.write() as work:
        club_rules(work).minors_rule = True
    evening.buy(evening.sold(DAYTIME))
    assert standing(evening) == [("День", "18:00", "waits")]


def test_in_the_night_it_is_told_what_comes_next(evening: Evening) -> None:
    with evening.club.write() as work:
        club_rules(work).minors_rule = True
    go_to(evening, "2026-03-13 21:45")
    evening.buy(evening.sold(replace(DAYTIME, sold_until=23 * HOUR)))
    go_to(evening, "2026-03-13 21:50")
    pauses(evening)
    assert standing(evening) == [("День", "22:00", "night")]
    go_to(evening, "2026-03-13 22:00")
    assert standing(evening) == [("День", "23:00", "waits")]


OPENS, CLOSES = 2000, 4500


def hours_of(now: int) -> tuple[int | None, int | None]:
    """Open from 0 to 1500, and from 2000 to 4500: (ends in, opens in)."""
    for opens, closes in ((0, 1500), (OPENS, CLOSES)):
        if now < opens:
            return 0, opens - now
        if now < closes:
            return closes - now, None
    return 0, 100_000 - now


@settings(deadline=None, max_examples=200)
@given(
    timed=st.integers(1, 6000),
    other=st.integers(0, 6000),
    ends=st.one_of(st.none(), st.integers(1, 6000)),
    lease=st.sampled_from([60, 300, 900]),
    late=st.lists(st.integers(0, 40), min_size=1, max_size=20),
)
def test_each_second_is_billed_once_and_never_outside_its_hours(
    timed: int, other: int, ends: int | None, lease: int, late: list[int]
) -> None:
    """The session clock comes when it is due, or some seconds late; what it bills is told second by second.

    `ends`: when what has hours (a bundle) expires, be it within them or not.
    """
    left, held = {1: timed, 2: other}, {1: 0, 2: 0}
    consumed: dict[int, list[tuple[int, int]]] = {1: [], 2: []}

    def lots(now: int) -> list[LotSeconds]:
        closes_in, opens_in = hours_of(now)
        if ends is not None:
            closes_in = ends - now if closes_in is None else min(closes_in, ends - now)
        return [
            LotSeconds(1, left[1], held[1], expires_in=closes_in, opens_in=opens_in),
            LotSeconds(2, left[2], held[2]),
        ]

    def book(decision: rules.Decision, since: int) -> None:
        at = since
        for move in decision.moves:
            if move.kind == "consume":
                consumed[move.lot_id].append((at, at + move.seconds))
                at += move.seconds
                held[move.lot_id] -= move.seconds
            else:
                sign = 1 if move.kind == "reserve" else -1
                held[move.lot_id] += sign * move.seconds
                left[move.lot_id] -= sign * move.seconds

    now = 0
    decision = rules.begin(lots(now), now=now, lease_seconds=lease)
    book(decision, now)
    steps = 0
    while decision.session.state == "active":
        before, steps = decision.session, steps + 1
        assert before.due_at is not None
        assert before.due_at > now
        now = before.due_at + late[steps % len(late)]
        decision = rules.tick(before, lots(now), now=now, lease_seconds=lease)
        book(decision, before.settled_at)
    assert held == {1: 0, 2: 0}
    played = {lot: sum(end - begin for begin, end in parts) for lot, parts in consumed.items()}
    assert (left[1] + played[1], left[2] + played[2]) == (timed, other), "nothing is lost"
    assert decision.session.played_seconds == played[1] + played[2]
    for begin, end in consumed[1]:
        assert end <= 1500 or (begin >= OPENS and end <= CLOSES), (begin, end)
        assert ends is None or end <= ends, (begin, end)
    every = sorted(consumed[1] + consumed[2])
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(every))
    if left[1] or left[2]:
        assert left[2] == 0
        is_outside = hours_of(now)[1] is not None or (ends is not None and now >= ends)
        assert is_outside, "it ends before its time only outside the hours"
