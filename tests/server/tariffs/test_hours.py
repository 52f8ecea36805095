"""Days and hours in which alone bought time is played, held against a clock on the wall that is read each time."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lovhub.server.tariffs import hours, rules
from lovhub.server.tariffs.hours import Playable, PlayHours
from lovhub.server.tariffs.rules import Calendar, Goods, Offer, Terms

HOUR = 3600
ALMATY = "Asia/Almaty"
HOLIDAY = date(2026, 3, 23)
DAYTIME = Terms(
    "3 часа", 3 * HOUR, 900_00, play_rule="sale_hours", sold_from=10 * HOUR, sold_until=18 * HOUR
)
WORKDAYS = PlayHours(frozenset(range(5)), 10 * HOUR, 18 * HOUR, "as_weekday")


def almaty(moment: str) -> int:
    return int(datetime.fromisoformat(f"{moment}+05:00").timestamp())


def until(moment: str) -> Playable:
    return Playable(until_at=almaty(moment))


def opens(moment: str) -> Playable:
    return Playable(opens_at=almaty(moment))


# 2026-03-19 is a Thursday, the 23rd a Monday and the club's holiday.
@pytest.mark.parametrize(
    ("changed", "now", "expected"),
    [
        ({}, "2026-03-19 09:59:59", opens("2026-03-19 10:00:00")),
        ({}, "2026-03-19 10:00:00", until("2026-03-19 18:00:00")),
        ({}, "2026-03-19 17:59:59", until("2026-03-19 18:00:00")),
        ({}, "2026-03-19 18:00:00", opens("2026-03-20 10:00:00")),
        ({}, "2026-03-20 18:00:00", opens("2026-03-23 10:00:00")),
        ({"holiday_rule": "not"}, "2026-03-20 18:00:00", opens("2026-03-24 10:00:00")),
        ({"holiday_rule": "only"}, "2026-03-20 12:00:00", opens("2026-03-23 10:00:00")),
        ({"weekdays": frozenset({1}), "holiday_rule": "also"}, "2026-03-22 12:00:00", opens("2026-03-23 10:00:00")),
        # over midnight it is the evening's day that counts
        ({"sold_from": 22 * HOUR, "sold_until": 8 * HOUR}, "2026-03-21 03:00:00", until("2026-03-21 08:00:00")),
        ({"sold_from": 22 * HOUR, "sold_until": 8 * HOUR}, "2026-03-22 03:00:00", opens("2026-03-23 22:00:00")),
        # whole days that follow each other are one window
        ({"sold_from": None, "sold_until": None}, "2026-03-18 23:59:59", until("2026-03-21 00:00:00")),
        ({"sold_from": None, "sold_until": None}, "2026-03-21 00:00:00", opens("2026-03-23 00:00:00")),
        ({"sold_from": 12 * HOUR, "sold_until": 12 * HOUR}, "2026-03-19 12:00:00", until("2026-03-21 12:00:00")),
        # nothing ends it
        ({"sold_from": None, "sold_until": None, "weekdays": rules.EVERY_DAY}, "2026-03-19 12:00:00", Playable()),
        # the last holiday that was known is over: nothing is lost
        ({"holiday_rule": "only"}, "2026-03-23 12:00:00", until("2026-03-23 18:00:00")),
        ({"holiday_rule": "only"}, "2026-03-23 18:00:00", Playable()),
    ],
)  # fmt: skip
def test_when_it_may_be_played(changed: dict[str, Any], now: str, expected: Playable) -> None:
    sold = replace(WORKDAYS, holidays=frozenset({HOLIDAY}), **changed)
    assert hours.playable(sold, ALMATY, almaty(now)) == expected


@pytest.mark.parametrize(
    ("day", "length_hours"), [("2026-03-28", 9), ("2026-10-24", 11), ("2026-11-07", 10)]
)
def test_a_night_over_a_clock_change_lasts_as_long_as_it_does(day: str, length_hours: int) -> None:
    night = replace(WORKDAYS, weekdays=rules.EVERY_DAY, sold_from=22 * HOUR, sold_until=8 * HOUR)
    berlin = ZoneInfo("Europe/Berlin")
    at = int(datetime.fromisoformat(f"{day} 22:00").replace(tzinfo=berlin).timestamp())
    assert hours.playable(night, "Europe/Berlin", at - 1) == Playable(opens_at=at)
    assert hours.playable(night, "Europe/Berlin", at) == Playable(at + length_hours * HOUR)


TIMES = st.sampled_from([None, 0, 2 * HOUR + 1800, 10 * HOUR, 18 * HOUR, 22 * HOUR])
SOLD = st.builds(
    lambda days, opening, closing, rule, holidays: PlayHours(
        frozenset(days),
        opening if closing is not None else None,
        closing if opening is not None else None,
        rule,
        frozenset(date(2026, 3, 25) + timedelta(days=one) for one in holidays),
    ),
    st.sets(st.integers(0, 6), min_size=1),
    TIMES,
    TIMES,
    st.sampled_from(rules.HOLIDAY_RULES),
    st.sets(st.integers(0, 9)),
)
MARCH_27 = int(datetime.fromisoformat("2026-03-27T00:00+00:00").timestamp())


def is_open(sold: PlayHours, zone: ZoneInfo, at: int) -> bool:
    """As somebody would say it who looks at the clock on the wall, in a zone without a change of clocks."""
    wall = datetime.fromtimestamp(at, zone)
    second = wall.hour * HOUR + wall.minute * 60 + wall.second
    today, yesterday = wall.date(), wall.date() - timedelta(days=1)
    for day, since_midnight in ((today, second), (yesterday, second + 24 * HOUR)):
        opening, closing = sold.sold_from or 0, sold.sold_until or 0
        closing += 24 * HOUR if closing <= opening else 0
        is_holiday = day in sold.holidays
        is_day = {
            "as_weekday": day.weekday() in sold.weekdays,
            "also": is_holiday or day.weekday() in sold.weekdays,
            "not": not is_holiday and day.weekday() in sold.weekdays,
            "only": is_holiday,
        }[sold.holiday_rule]
        if is_day and opening <= since_midnight < closing:
            return True
    return False


@settings(deadline=None)
@given(sold=SOLD, after=st.integers(0, 9 * 24 * HOUR))
def test_it_says_what_the_clock_on_the_wall_says(sold: PlayHours, after: int) -> None:
    now, zone = MARCH_27 + after, ZoneInfo(ALMATY)
    found = hours.playable(sold, ALMATY, now)
    steps = range(now, now + 12 * 24 * HOUR, 1800)
    if found.opens_at is not None:
        assert found.until_at is None
        assert not is_open(sold, zone, found.opens_at - 1)
        assert is_open(sold, zone, found.opens_at)
        assert not any(is_open(sold, zone, at) for at in steps if at < found.opens_at)
    elif found.until_at is not None:
        assert not is_open(sold, zone, found.until_at)
        assert is_open(sold, zone, found.until_at - 1)
        assert all(is_open(sold, zone, at) for at in steps if at < found.until_at)
    else:
        answers = {is_open(sold, zone, at) for at in steps}
        assert len(answers) == 1, "either it never closes or it never opens again"


@given(sold=SOLD)
def test_what_is_stored_is_read_as_it_was(sold: PlayHours) -> None:
    assert hours.read(hours.written(sold)) == sold


def test_what_is_kept_of_a_tariff_with_time_that_is_sold() -> None:
    terms = DAYTIME
    past, now = date(2025, 1, 1), almaty("2026-03-23 12:00:00")
    calendar = Calendar(ALMATY, frozenset({past, HOLIDAY}))
    assert hours.sold_hours(replace(terms, play_rule="any_time"), calendar, now) is None
    kept = hours.sold_hours(terms, calendar, now)
    assert kept == PlayHours(rules.EVERY_DAY, 10 * HOUR, 18 * HOUR, "as_weekday")
    kept = hours.sold_hours(replace(terms, holiday_rule="not"), calendar, now)
    assert kept is not None
    assert kept.holidays == {HOLIDAY}


@pytest.mark.parametrize(
    ("play_rule", "now", "seconds"),
    [
        ("any_time", "2026-03-19 17:00:00", 3 * HOUR),
        ("sale_hours", "2026-03-19 17:00:00", HOUR),
        ("sale_hours", "2026-03-19 10:00:00", 3 * HOUR),
    ],
)
def test_how_much_may_be_played_at_once(play_rule: rules.PlayRule, now: str, seconds: int) -> None:
    terms = replace(DAYTIME, play_rule=play_rule)
    goods = Goods(1, terms, Calendar(ALMATY), almaty(now), None, Offer(900_00, 3 * HOUR))
    assert hours.seconds_at_once(goods) == seconds


@pytest.mark.parametrize(
    ("kind", "is_right"),
    [("package", True), ("bundle", True), ("fixed_end", False), ("per_minute", False)],
)
def test_only_packages_and_bundles_have_hours_of_their_own(
    kind: rules.Kind, is_right: bool
) -> None:
    terms = Terms(
        "Тариф", HOUR, 900_00, kind, sold_from=0, sold_until=HOUR, valid_days=3,
        rest_rule="expires", play_rule="sale_hours",
    )  # fmt: skip
    expected = {} if is_right else {"play_rule": "play_rule_not_for_kind"}
    assert rules.problems(terms) == expected
