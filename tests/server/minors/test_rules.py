"""Who may play at night, until when, and what is sold to whom, as tables of examples."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lovhub.server.minors import rules
from lovhub.server.minors.rules import UNKNOWN, Age
from lovhub.server.sessions.lot_seconds import LotSeconds, Move, seconds_left
from lovhub.server.sessions.rules import Decision, Session, begin, tick
from lovhub.server.tariffs.rules import Calendar

HOUR = 3600
ALMATY = Calendar("Asia/Almaty")
BERLIN = Calendar("Europe/Berlin")
BORN = date(2009, 1, 16)
MINOR = Age(BORN, confirmed=True)
ADULT = Age(date(2000, 5, 1), confirmed=True)
CLAIMS_ADULT = Age(date(2000, 5, 1))
CLAIMS_MINOR = Age(BORN)


def at(words: str, calendar: Calendar = ALMATY) -> int:
    """«2027-01-15 21:59:59» on the club's wall."""
    zone = ZoneInfo(calendar.time_zone)
    return int(datetime.strptime(words, "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone).timestamp())


@pytest.mark.parametrize(
    ("age", "leave", "now", "allowed"),
    [
        (MINOR, "", "2027-01-15 13:00:00", 9 * HOUR),
        (MINOR, "", "2027-01-15 21:59:59", 1),
        (MINOR, "", "2027-01-15 22:00:00", 0),
        (MINOR, "", "2027-01-15 23:59:59", 0),
        (MINOR, "", "2027-01-16 00:00:00", None),  # 18 at midnight
        (MINOR, "", "2027-01-14 05:59:59", 0),
        (MINOR, "", "2027-01-14 06:00:00", 16 * HOUR),
        (MINOR, "accompanied", "2027-01-14 23:00:00", None),
        (CLAIMS_MINOR, "", "2027-01-15 22:30:00", 0),
        (CLAIMS_MINOR, "", "2027-01-16 00:00:00", 0),  # of age, and nobody has seen a document
        (CLAIMS_ADULT, "", "2027-01-15 22:30:00", 0),
        (CLAIMS_ADULT, "adult", "2027-01-15 22:30:00", None),
        (UNKNOWN, "", "2027-01-15 21:30:00", 1800),
        (UNKNOWN, "adult", "2027-01-15 21:30:00", None),
        (ADULT, "", "2027-01-15 23:00:00", None),
    ],
)
def test_until_when_they_may_play(age: Age, leave: str, now: str, allowed: int | None) -> None:
    assert rules.seconds_allowed(age, leave, ALMATY, at(now)) == allowed


@pytest.mark.parametrize(
    ("age", "leave", "since", "now", "stopped_at"),
    [
        (UNKNOWN, "", "2027-01-15 21:45:00", "2027-01-15 21:59:59", None),
        (UNKNOWN, "", "2027-01-15 21:45:00", "2027-01-15 22:00:00", "2027-01-15 22:00:00"),
        (UNKNOWN, "", "2027-01-15 21:45:00", "2027-01-16 08:00:00", "2027-01-15 22:00:00"),
        (UNKNOWN, "", "2027-01-15 06:00:00", "2027-01-18 08:00:00", "2027-01-15 22:00:00"),
        (UNKNOWN, "", "2027-01-15 22:00:00", "2027-01-16 08:00:00", None),
        (
            UNKNOWN,
            "",
            "2027-01-15 05:59:59",
            "2027-01-15 06:10:00",
            None,
        ),  # the rule came on at night
        (UNKNOWN, "adult", "2027-01-15 21:45:00", "2027-01-16 08:00:00", None),
        (ADULT, "", "2027-01-15 21:45:00", "2027-01-16 08:00:00", None),
        (
            MINOR,
            "",
            "2027-01-15 21:45:00",
            "2027-01-16 08:00:00",
            "2027-01-15 22:00:00",
        ),  # 18 since
    ],
)
def test_a_night_that_is_over_has_stopped_them_all_the_same(
    age: Age, leave: str, since: str, now: str, stopped_at: str | None
) -> None:
    found = rules.stopped_since(age, leave, ALMATY, at(since), at(now))
    assert found == (None if stopped_at is None else at(stopped_at))


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        ("2026-03-28 21:00:00", HOUR),
        ("2026-03-29 01:30:00", 0),  # the night in which the clock goes forward
        ("2026-03-29 06:00:00", 16 * HOUR),
        ("2026-10-25 05:59:59", 0),  # and the one in which it goes back
        ("2026-10-25 06:00:00", 16 * HOUR),
    ],
)
def test_a_clock_change_moves_neither_end_of_the_night(now: str, allowed: int) -> None:
    assert rules.seconds_allowed(UNKNOWN, "", BERLIN, at(now, BERLIN)) == allowed


@pytest.mark.parametrize(
    ("born", "adult"),
    [
        (date(2009, 1, 16), date(2027, 1, 16)),
        (date(2008, 2, 29), date(2026, 3, 1)),
        (date(2006, 12, 31), date(2024, 12, 31)),
    ],
)
def test_the_day_on_which_somebody_turns_eighteen(born: date, adult: date) -> None:
    assert rules.adult_from(born) == adult
    confirmed = Age(born, confirmed=True)
    assert rules.standing(confirmed, adult) == "adult"
    assert rules.standing(confirmed, date.fromordinal(adult.toordinal() - 1)) == "minor"


@pytest.mark.parametrize(
    ("age", "leave", "problem"),
    [
        (UNKNOWN, "adult", ""),
        (CLAIMS_ADULT, "adult", ""),
        (CLAIMS_MINOR, "adult", "minor_by_birth_date"),
        (MINOR, "adult", "minor_by_birth_date"),
        (MINOR, "accompanied", ""),
        (UNKNOWN, "because", "choice_unknown"),
    ],
)
def test_what_staff_may_say_of_whom(age: Age, leave: str, problem: str) -> None:
    assert rules.leave_problem(leave, age, date(2027, 1, 15)) == problem


@pytest.mark.parametrize(
    ("age", "leave", "kind", "begins_in", "seconds", "now", "code"),
    [
        (MINOR, "", "package", 0, HOUR, "20:30:00", ""),
        (MINOR, "", "package", 0, HOUR, "21:00:00", ""),
        (MINOR, "", "package", 0, HOUR, "21:00:01", "minor_past_night"),
        (MINOR, "", "package", 0, 3 * HOUR, "20:30:00", "minor_past_night"),
        (MINOR, "", "package", 45 * 60, HOUR, "20:30:00", "minor_past_night"),
        (MINOR, "accompanied", "package", 0, 3 * HOUR, "20:30:00", ""),
        (CLAIMS_MINOR, "", "fixed_end", 0, 3 * HOUR, "20:00:00", "minor_past_night"),
        (MINOR, "", "fixed_end", 0, 2 * HOUR, "20:00:00", ""),
        (MINOR, "", "bundle", 0, 30 * HOUR, "20:00:00", ""),
        (UNKNOWN, "", "package", 0, 3 * HOUR, "20:30:00", ""),
        (UNKNOWN, "", "fixed_end", 0, 3 * HOUR, "20:30:00", "age_unconfirmed_past_night"),
        (UNKNOWN, "adult", "fixed_end", 0, 3 * HOUR, "20:30:00", ""),
        (ADULT, "", "fixed_end", 0, 10 * HOUR, "22:00:00", ""),
    ],
)
def test_what_is_sold_to_whom(
    age: Age, leave: str, kind: str, begins_in: int, seconds: int, now: str, code: str
) -> None:
    found = rules.sale_refusal(
        age,
        leave,
        ALMATY,
        at(f"2027-01-15 {now}"),
        kind=kind,
        begins_in=begins_in,
        seconds=seconds,
    )
    assert found == code


@pytest.mark.parametrize(
    ("kind", "expires", "kept"),
    [
        ("fixed_end", "2027-01-15 23:00:00", None),
        ("bundle", "2027-01-16 00:00:00", "2027-01-17 00:00:00"),
        ("bundle", "2027-01-16 06:00:00", "2027-01-17 06:00:00"),
        ("bundle", "2027-01-16 06:00:01", "2027-01-16 06:00:01"),
        ("bundle", "2027-02-01 00:00:00", "2027-02-01 00:00:00"),
    ],
)
def test_what_the_night_does_to_an_expiry(kind: str, expires: str, kept: str | None) -> None:
    morning = rules.morning_after(ALMATY, at("2027-01-15 22:00:00"))
    assert morning == at("2027-01-16 06:00:00") == rules.morning_after(ALMATY, morning - 1)
    expected = None if kept is None else at(kept)
    assert rules.kept_until(kind, at(expires), morning) == expected


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2009-01-16", BORN),
        (" 16.01.2009 ", BORN),
        ("16.1.2009", BORN),
        ("2009-02-30", None),
        ("16.01.09", None),
        ("٢٠٠٩-01-16", None),
        ("", None),
        ("вчера", None),
    ],
)
def test_birth_dates_as_people_write_them(text: str, day: date | None) -> None:
    assert rules.read_date(text) == day


def test_nobody_is_born_tomorrow_or_a_hundred_and_twenty_one_years_ago() -> None:
    today = date(2027, 1, 15)
    for born, problem in (
        (date(2027, 1, 16), "birth_date_out_of_range"),
        (date(2027, 1, 15), ""),
        (date(1906, 1, 16), ""),
        (date(1906, 1, 15), "birth_date_out_of_range"),
    ):
        assert rules.birth_date_problem(born, today) == problem


def test_only_what_ends_for_the_night_is_told_as_such() -> None:
    ended = Decision(
        Session("ended", settled_at=100, ended_at=100, end_reason="time_over"),
        (Move(1, "consume", 60), Move(1, "give_back", 0)),
    )
    more, nothing_more = [LotSeconds(1, 500, 60)], [LotSeconds(1, 0, 60)]
    minors = rules.as_stopped(ended, more, 0, minor=True).session
    assert (minors.state, minors.end_reason) == ("ended", "night")
    others = rules.as_stopped(ended, more, 0, minor=False).session
    assert (others.state, others.pause_reason, others.end_reason) == ("paused", "night", "")
    assert others.ended_at is None
    assert rules.as_stopped(ended, nothing_more, 0, minor=True) == ended
    assert rules.as_stopped(ended, more, None, minor=True) == ended
    assert rules.as_stopped(ended, more, 2 * HOUR, minor=True) == ended
    left = replace(ended, session=replace(ended.session, end_reason="signed_out"))
    assert rules.as_stopped(left, more, 0, minor=True) == left


@given(
    lots=st.lists(
        st.builds(
            LotSeconds,
            lot_id=st.integers(1, 9),
            available=st.integers(0, 5 * HOUR),
            held=st.just(0),
            expires_in=st.none() | st.integers(0, 5 * HOUR),
        ),
        min_size=1,
        max_size=3,
        unique_by=lambda lot: lot.lot_id,
    ),
    allowed=st.integers(1, 4 * HOUR),
    lease=st.sampled_from([300, 900, 3600]),
)
def test_no_lease_ever_reaches_into_the_night(
    lots: list[LotSeconds], allowed: int, lease: int
) -> None:
    bounded = rules.bounded(lots, allowed)
    assert seconds_left(bounded) == min(seconds_left(lots), allowed)
    decision = begin(bounded, now=0, lease_seconds=lease)
    assert decision.session.leased_seconds <= allowed
    if decision.session.state == "ended":
        return
    held = {move.lot_id: move.seconds for move in decision.moves}
    after = [
        replace(
            lot, available=lot.available - held.get(lot.lot_id, 0), held=held.get(lot.lot_id, 0)
        )
        for lot in lots
    ]
    later = min(allowed, decision.session.leased_seconds, max(1, lease // 3))
    passed = [
        lot if lot.expires_in is None else replace(lot, expires_in=lot.expires_in - later)
        for lot in after
    ]
    again = tick(
        decision.session, rules.bounded(passed, allowed - later), now=later, lease_seconds=lease
    )
    assert again.session.leased_seconds <= allowed
