"""Playing by the minute, without a database: which price each second has, what it costs, how far money reaches."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lovhub.server.tariffs.by_minute import LONGEST_SECONDS, stretches
from lovhub.server.tariffs.metering import Meter, Stretch
from lovhub.server.tariffs.rules import (
    HOLIDAY_RULES,
    Calendar,
    HolidayRule,
    Terms,
    ZonePrice,
    offer,
    problems,
)

HOUR = 3600
DAY = 24 * HOUR
VIP = 7

DAYTIME = Terms(
    "День", HOUR, 600_00, "per_minute", sold_from=10 * HOUR, sold_until=18 * HOUR, zones={VIP: ZonePrice(True, 900_00)}
)  # fmt: skip
EVENING = Terms(
    "Вечер", HOUR, 900_00, "per_minute", sold_from=18 * HOUR, sold_until=2 * HOUR, zones={VIP: ZonePrice(sold=False)}
)  # fmt: skip
ALMATY = Calendar("Asia/Almaty")
BERLIN = Calendar("Europe/Berlin", frozenset({date(2026, 5, 1)}))


def at(calendar: Calendar, day: date, hour: float) -> int:
    return calendar.instant(day, int(hour * HOUR))


def prices(
    on_sale: list[Terms], calendar: Calendar, day: date, hour: float, *, zone: int | None = None
) -> list[tuple[str, int]]:
    """From when which price is asked: «18:00», 90000; and at last when the prices end."""
    numbered = dict(enumerate(on_sale, start=1))
    found = stretches(numbered, 1, calendar, zone, at(calendar, day, hour))
    shown = [(clock(calendar, one.from_at), one.hour_tiyn) for one in found]
    return [*shown, (clock(calendar, found[-1].until_at), 0)] if found else []


def clock(calendar: Calendar, instant: int) -> str:
    return f"{datetime.fromtimestamp(instant, ZoneInfo(calendar.time_zone)):%d %H:%M}"


def meter(*found: Stretch, money_tiyn: int = 10**9, minimum_tiyn: int = 0) -> Meter:
    return Meter(found, minimum_tiyn, money_tiyn, now=found[0].from_at)


FLAT = Stretch(0, 7 * DAY, 600_00)


@pytest.mark.parametrize(
    ("on_sale", "hour", "zone", "expected"),
    [
        ([DAYTIME, EVENING], 17, None, [("06 17:00", 600_00), ("06 18:00", 900_00), ("07 02:00", 0)]),
        ([DAYTIME], 17, None, [("06 17:00", 600_00), ("06 18:00", 0)]),
        ([DAYTIME, EVENING], 17, VIP, [("06 17:00", 900_00), ("06 18:00", 0)]),
        ([EVENING, DAYTIME], 9, None, []),
        # It stays with what was chosen, however cheap another one is; after it, the first of the list.
        (
            [DAYTIME, replace(EVENING, price_tiyn=1_00, sold_from=12 * HOUR), EVENING],
            17,
            None,
            [("06 17:00", 600_00), ("06 18:00", 1_00), ("07 02:00", 0)],
        ),
        # A package never takes over.
        ([DAYTIME, Terms("Пакет", HOUR, 1_00)], 17, None, [("06 17:00", 600_00), ("06 18:00", 0)]),
    ],
)  # fmt: skip
def test_a_sitting_has_the_price_of_its_tariff_and_then_of_the_next_one(
    on_sale: list[Terms], hour: float, zone: int | None, expected: list[tuple[str, int]]
) -> None:
    assert prices(on_sale, ALMATY, date(2026, 3, 6), hour, zone=zone) == expected


def test_days_and_holidays_have_their_prices() -> None:
    weekdays = Terms(
        "Будни", HOUR, 600_00, "per_minute", weekdays=frozenset(range(5)), holiday_rule="not"
    )
    others = Terms(
        "Выходные", HOUR, 800_00, "per_minute", weekdays=frozenset({5, 6}), holiday_rule="also"
    )
    # 30 April 2026 is a Thursday, 1 May a holiday, then a weekend.
    assert prices([weekdays, others], BERLIN, date(2026, 4, 30), 12) == [
        ("30 12:00", 600_00),
        ("01 00:00", 800_00),
        ("04 00:00", 600_00),
        ("07 12:00", 0),
    ]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 28), 9), (date(2026, 10, 24), 11)])
def test_a_clock_change_neither_takes_a_second_nor_gives_one(day: date, hours: int) -> None:
    night = Terms("Ночь", HOUR, 300_00, "per_minute", sold_from=22 * HOUR, sold_until=8 * HOUR)
    morning = Terms("Утро", HOUR, 600_00, "per_minute", sold_from=8 * HOUR, sold_until=22 * HOUR)
    began = at(BERLIN, day, 22)
    found = stretches({1: night, 2: morning}, 1, BERLIN, None, began)
    assert found[0].until_at - found[0].from_at == hours * HOUR
    assert all(before.until_at == after.from_at for before, after in pairwise(found))
    assert found[-1].until_at == began + LONGEST_SECONDS
    assert meter(*found).played(began, hours * HOUR).earned_tiyn == 300_00 * hours


@pytest.mark.parametrize(
    ("minimum_tiyn", "seconds", "expected"),
    [
        (0, 0, 0),
        (0, 1, 16),
        (0, 100, 1_666),
        (0, HOUR, 600_00),
        (100_00, 0, 0),
        (100_00, 1, 100_00),
        (100_00, 600, 100_00),
        (100_00, 601, 100_16),
    ],
)
def test_what_so_many_seconds_cost(minimum_tiyn: int, seconds: int, expected: int) -> None:
    assert meter(FLAT, minimum_tiyn=minimum_tiyn).played(0, seconds).earned_tiyn == expected


def test_across_a_border_each_second_has_its_own_price() -> None:
    border = 1000 * HOUR
    both = meter(Stretch(0, border, 600_00), Stretch(border, 2 * border, 900_00))
    assert both.played(border - 60, 120).earned_tiyn == 25_00


@pytest.mark.parametrize(
    ("money_tiyn", "minimum_tiyn", "expected"),
    [(0, 0, 0), (15, 0, 0), (16, 0, 1), (10_00, 0, 60), (99_99, 100_00, 0), (100_00, 100_00, 600)],
)
def test_how_far_money_reaches(money_tiyn: int, minimum_tiyn: int, expected: int) -> None:
    assert meter(FLAT, money_tiyn=money_tiyn, minimum_tiyn=minimum_tiyn).seconds_from(0) == expected


def test_where_the_prices_end_nothing_is_played() -> None:
    short = meter(Stretch(0, 100, 600_00), Stretch(100, 130, 900_00))
    assert (short.seconds_from(0), short.seconds_from(120), short.seconds_from(130)) == (130, 10, 0)


_PRICES = st.lists(st.tuples(st.integers(1, 5000), st.integers(100, 10**6)), min_size=1, max_size=4)


def _stretches(drawn: list[tuple[int, int]]) -> tuple[Stretch, ...]:
    found, at_ = [], 0
    for seconds, hour_tiyn in drawn:
        found.append(Stretch(at_, at_ + seconds, hour_tiyn))
        at_ += seconds
    return tuple(found)


@given(_PRICES, st.integers(0, 10**6), st.integers(0, 10**5), st.lists(st.integers(0, 3000)))
@settings(max_examples=200, deadline=None)
def test_however_a_sitting_is_cut_the_sum_is_the_same(
    drawn: list[tuple[int, int]], money_tiyn: int, minimum_tiyn: int, cuts: list[int]
) -> None:
    whole = meter(*_stretches(drawn), money_tiyn=money_tiyn, minimum_tiyn=minimum_tiyn)
    total = whole.seconds_from(0)
    at_, cut, taken = 0, whole, 0
    for seconds in [*cuts, total]:
        played = cut.played(at_, min(seconds, total - at_))
        # What is taken at a settlement is a difference, also after a move to another PC.
        taken += played.earned_tiyn - cut.earned_tiyn
        if random.Random(at_).random() < 0.5:
            money = played.money_tiyn - played.earned_tiyn
            played = replace(played, carried=played.used, money_tiyn=money)
        at_, cut = min(total, at_ + seconds), played
        assert cut.seconds_from(at_) == total - at_
    assert taken == whole.played(0, total).earned_tiyn <= money_tiyn


@given(_PRICES, st.integers(1, 10**6), st.integers(0, 10**5))
@settings(max_examples=200, deadline=None)
def test_money_reaches_exactly_as_far_as_it_pays(
    drawn: list[tuple[int, int]], money_tiyn: int, minimum_tiyn: int
) -> None:
    whole = meter(*_stretches(drawn), money_tiyn=money_tiyn, minimum_tiyn=minimum_tiyn)
    seconds = whole.seconds_from(0)
    assert whole.played(0, seconds).earned_tiyn <= money_tiyn
    if seconds < whole.stretches[-1].until_at:
        assert whole.played(0, seconds + 1).earned_tiyn > money_tiyn


@given(
    _PRICES, st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 10**5), st.integers(0, 3)
)
@settings(max_examples=200, deadline=None)
def test_what_is_cheaper_never_costs_more_and_shorter_never_more_than_longer(
    drawn: list[tuple[int, int]], seconds: int, more: int, minimum_tiyn: int, which: int
) -> None:
    dear = meter(*_stretches(drawn), minimum_tiyn=minimum_tiyn)
    cheaper_at = which % len(drawn)
    cheap = [
        (length, hour_tiyn // 2 if number == cheaper_at else hour_tiyn)
        for number, (length, hour_tiyn) in enumerate(drawn)
    ]
    cost = dear.played(0, seconds).earned_tiyn
    assert (
        meter(*_stretches(cheap), minimum_tiyn=minimum_tiyn).played(0, seconds).earned_tiyn <= cost
    )
    assert cost <= dear.played(0, seconds + more).earned_tiyn


QUARTER = 900
"""All borders below lie on quarters of an hour, in every time zone: between two of them no price changes."""


def _sold(price: int, opens: int, hours: int, weekdays: set[int], holiday: HolidayRule) -> Terms:
    """Sold from a quarter of an hour on, for so many hours, on these days."""
    closes = (opens * QUARTER + hours * HOUR) % DAY
    return Terms(
        "По минутам", HOUR, price, "per_minute", sold_from=opens * QUARTER, sold_until=closes,
        weekdays=frozenset(weekdays), holiday_rule=holiday,
    )  # fmt: skip


_ON_SALE = st.lists(
    st.builds(
        _sold,
        st.integers(100, 10**6),
        st.integers(0, DAY // QUARTER - 1),
        st.integers(5, 24),
        st.sets(st.integers(0, 6), min_size=5),
        st.sampled_from(HOLIDAY_RULES),
    ),
    min_size=3,
    max_size=5,
)
_CHANGES = [("Europe/Berlin", (3, 29)), ("Europe/Berlin", (10, 25)), ("Asia/Almaty", (3, 29)),
            ("Australia/Lord_Howe", (4, 5)), ("America/Santiago", (9, 6))]  # fmt: skip
"""Days of 2026 on which the clock is changed (in Almaty it is not), each a holiday of its club besides."""


@given(
    _ON_SALE,
    st.sampled_from(_CHANGES),
    st.integers(-30 * HOUR, 6 * HOUR),
    st.integers(18, 36),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_over_midnight_borders_holidays_and_clock_changes_each_second_has_one_price(
    on_sale: list[Terms], change: tuple[str, tuple[int, int]], later: int, hours: int, always: bool
) -> None:
    """Quarter by quarter: what was chosen while it is sold, then the first of the list, and the sum of all that."""
    zone, (month, day) = change
    calendar = Calendar(zone, frozenset({date(2026, month, day)}))
    numbered = dict(enumerate(on_sale, start=1))
    if always:
        numbered[99] = Terms("Всегда", HOUR, 500_00, "per_minute")
    chosen = len(on_sale)
    began = calendar.instant(date(2026, month, day), 0) + later
    found = stretches(numbered, chosen, calendar, None, began)
    assert all(before.until_at == after.from_at for before, after in pairwise(found))
    assert [one.from_at for one in found[:1]] == [began][: len(found)]
    until = began + hours * HOUR + 1
    current, played, used = chosen, meter(*found or [Stretch(began, began, 1)]), 0
    moments = [began, *range(began - began % QUARTER + QUARTER, until, QUARTER), until]
    for now, then in pairwise(moments):
        sold = [current, *numbered]
        current = next((one for one in sold if offer(numbered[one], calendar, now, None)), 0)
        if not current:
            assert not found or found[-1].until_at == now
            break
        price = numbered[current].price_tiyn
        assert [played.hour_tiyn(now), played.hour_tiyn(then - 1)] == [price, price]
        used += price * (then - now)
    assert played.played(began, until - began).earned_tiyn == used // HOUR
    cheap = {**numbered, 1: replace(on_sale[0], price_tiyn=max(100, on_sale[0].price_tiyn // 2))}
    cheaper = stretches(cheap, chosen, calendar, None, began)
    if found:
        assert meter(*cheaper).played(began, until - began).earned_tiyn <= used // HOUR


def test_a_tariff_by_the_minute_is_never_free() -> None:
    free = Terms("Даром", HOUR, 0, "per_minute", zones={VIP: ZonePrice(True, 50)})
    assert problems(free, {VIP}) == {"price": "price_out_of_range", "zones": "price_out_of_range"}
    assert problems(DAYTIME, {VIP}) == {}


def test_what_is_offered_is_an_hour() -> None:
    now = int(datetime(2026, 3, 6, 7, tzinfo=UTC).timestamp())
    found = offer(DAYTIME, ALMATY, now, VIP)
    assert found is not None
    assert (found.price_tiyn, found.seconds, found.expires_at) == (900_00, HOUR, None)
