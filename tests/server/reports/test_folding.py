"""Closed days put together say what their quarters say one by one, whatever the club's clock does."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lovhub.server.reports import folding, rules
from lovhub.server.reports.folding import FORTNIGHT, Day, Fortnight
from lovhub.server.reports.rules import DAY, HOUR, QUARTER, ClubDays, Flow, Period

KINDS = [("cash", "customer_balance"), ("lot_unearned", "revenue"), ("card", "lot_unearned")]


@dataclass
class Closed:
    """A period cut to whole days by UTC, with what happened in them."""

    period: Period
    days: list[Day]
    flows: list[Flow]
    sat: dict[int, int]


@st.composite
def closed(draw: st.DrawFn, lasting: tuple[int, int] = (1, 20)) -> Closed:
    zone = draw(
        st.sampled_from(
            ["Asia/Almaty", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]
        )
    )
    days = ClubDays(zone, draw(st.sampled_from([0, 8 * HOUR, 8 * HOUR + 1800])))
    # Both changes of the clock of a year lie in some of these periods.
    first = draw(st.dates(date(2026, 3, 1), date(2026, 11, 1)))
    period = Period(days, first, first + timedelta(days=draw(st.integers(*lasting))))
    begins = range(period.from_at + -period.from_at % DAY, period.until_at - DAY + 1, DAY)
    moments = st.integers(0, max(0, len(begins) * DAY // QUARTER - 1)).map(
        lambda number: begins.start + number * QUARTER
    )
    flows = [
        Flow(at, *kinds, amount)
        for at, kinds, amount in draw(
            st.lists(st.tuples(moments, st.sampled_from(KINDS), st.integers(1, 10**9)), max_size=12)
        )
        if begins
    ]
    sat = {
        at: draw(st.integers(0, 90)) if at % (7 * QUARTER) == 0 else 0
        for begin in begins
        for at in range(begin, begin + DAY, QUARTER)
    }
    return Closed(
        period,
        [
            read(
                begin,
                folding.sums_of_day(
                    begin,
                    [flow for flow in flows if begin <= flow.at < begin + DAY],
                    sat,
                    {},
                ),
                period.grain,
            )
            for begin in begins
        ],
        flows,
        sat,
    )


def read(at: int, kept: folding.Kept, grain: int) -> Day:
    return Day.read(at, grain, kept.hours if grain == HOUR else kept.quarters, kept.programs)


@given(closed())
def test_money_by_day_and_by_hour_is_that_of_each_quarter(found: Closed) -> None:
    period = found.period
    assert rules.money_by_day(
        period, folding.money_by_day(period, found.days)
    ) == rules.money_by_day(period, found.flows)
    assert rules.money_by_hour(
        period.days, folding.money_by_hour(period.days, found.days)
    ) == rules.money_by_hour(period.days, found.flows)


@given(closed(), st.lists(st.tuples(st.integers(-40, 700), st.integers(0, 900)), max_size=5))
def test_occupation_is_that_of_each_quarter(
    found: Closed, spans: Iterable[tuple[int, int]]
) -> None:
    base = found.period.from_at
    lives = Counter(
        (base + begin * 3000, base + (begin + length) * 3000) for begin, length in spans
    )
    there: dict[int, int] = {}
    for day in found.days:
        there |= rules.lasting_by_quarter(day.at, day.at + DAY, lives)
    days = found.period.days
    occupied = folding.Occupied(lives)
    occupied.add(folding.sat_in_days(days, found.days))
    assert rules.occupation_by_hour(
        days, occupied.taken, occupied.there
    ) == rules.occupation_by_hour(days, found.sat, there)


@settings(max_examples=30)
@given(
    closed(lasting=(14, 45)),
    st.lists(st.tuples(st.integers(-40, 700), st.integers(0, 900)), max_size=5),
)
def test_fortnights_say_what_their_days_say(
    found: Closed, spans: Iterable[tuple[int, int]]
) -> None:
    period, days = found.period, found.period.days
    hours = [hourly(day, found) for day in found.days]
    by_at = {day.at: day for day in hours}
    begins = [
        at
        for at in by_at
        if at % FORTNIGHT == 0 and at + FORTNIGHT - DAY in by_at and folding.same_clock(days, at)
    ]
    fortnights = [
        Fortnight.read(
            at, folding.fortnight([by_at[day] for day in range(at, at + FORTNIGHT, DAY)])
        )
        for at in begins
    ]
    rest = [
        day for day in hours if not any(one.at <= day.at < one.at + FORTNIGHT for one in fortnights)
    ]
    assert folding.games(rest, fortnights) == folding.games(hours)
    if period.grain == HOUR:
        assert rules.money_by_day(
            period,
            [
                *folding.money_by_day(period, rest),
                *folding.money_by_day_of_fortnights(period, fortnights),
            ],
        ) == rules.money_by_day(period, found.flows)
    assert rules.money_by_hour(
        days,
        [
            *folding.money_by_hour(days, rest),
            *folding.money_by_hour_of_fortnights(days, fortnights),
        ],
    ) == rules.money_by_hour(days, folding.money_by_hour(days, hours))
    lives = Counter(
        (period.from_at + begin * 3600, period.from_at + (begin + length) * 3600)
        for begin, length in spans
    )
    whole, folded = folding.Occupied(lives), folding.Occupied(lives)
    whole.add(folding.sat_in_days(days, hours))
    folded.add(folding.sat_in_days(days, rest))
    folded.add(folding.sat_in_fortnights(days, fortnights))
    assert rules.occupation_by_hour(days, folded.taken, folded.there) == rules.occupation_by_hour(
        days, whole.taken, whole.there
    )


def hourly(day: Day, found: Closed) -> Day:
    """The same day in hours."""
    kept = folding.sums_of_day(
        day.at,
        [flow for flow in found.flows if day.at <= flow.at < day.at + DAY],
        found.sat,
        {day.at // DAY % 3: (day.at // DAY % 5, 60), 9: (1, 1)},
    )
    return read(day.at, kept, HOUR)


def test_of_a_day_that_is_cut_only_its_part_counts() -> None:
    quiet = {at: at // QUARTER for at in range(0, DAY, QUARTER)}
    flows = [Flow(at, "cash", "customer_balance", 1 + at) for at in range(0, DAY, QUARTER)]
    day = read(0, folding.sums_of_day(0, flows, quiet, {}), HOUR)
    part = (19 * HOUR, DAY + HOUR)
    assert rules.money(folding.money_of_part(day, *part)) == rules.money(
        flow for flow in flows if part[0] <= flow.at
    )
    occupied = folding.Occupied({(0, 20 * HOUR): 1})
    occupied.add_part(day, *part)
    assert sum(occupied.taken.values()) == sum(
        seconds for at, seconds in quiet.items() if part[0] <= at
    )
    assert occupied.there == {hour * HOUR: HOUR if hour == 19 else 0 for hour in range(19, 24)}


def test_games_of_days_are_added() -> None:
    quiet = dict.fromkeys(range(0, 3 * DAY, QUARTER), 0)
    kept = [
        folding.sums_of_day(0, [], quiet, {1: (2, 60), 2: (1, 3)}),
        folding.sums_of_day(DAY, [], quiet, {2: (4, 100)}),
        folding.sums_of_day(2 * DAY, [], quiet, {2: (1, 5), 1: (1, 7)}),
    ]
    days = [read(number * DAY, sums, HOUR) for number, sums in enumerate(kept)]
    assert folding.games(days) == {1: (3, 67), 2: (6, 108)}
