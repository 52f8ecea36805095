"""Days and hours of a club, and what sums over them must add up to."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lovhub.server.ledger.accounts import ALL_KINDS
from lovhub.server.reports import rules
from lovhub.server.reports.rules import QUARTER, ClubDays, Flow, Money, Period

ZONES = [
    "Asia/Almaty",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Santiago",
]
HOUR = 3600


def at(zone: str, *moment: int) -> int:
    return int(datetime(*moment, tzinfo=ZoneInfo(zone)).timestamp())  # type: ignore[arg-type]


zones = st.sampled_from(ZONES)
starts = st.integers(0, 24 * 60 - 1).map(lambda minutes: minutes * 60)
days_of_the_clubs = st.builds(ClubDays, zones, starts)
dates = st.dates(date(2020, 1, 1), date(2035, 12, 31))
periods = st.builds(
    lambda days, first, length: Period(days, first, first + timedelta(days=length)),
    days_of_the_clubs,
    dates,
    st.integers(0, 40),
)
kinds = st.sampled_from([kind.name for kind in ALL_KINDS.values() if kind.unit == "tiyn"])


# --- days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Almaty", date(2026, 11, 26), 24),
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Asia/Almaty", date(2024, 2, 29), 25),  # Almaty moved from UTC+6 to UTC+5 at its end
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("America/Santiago", date(2026, 9, 6), 23),  # it begins at 01:00: midnight is skipped
    ],
)
def test_a_day_is_as_long_as_the_clubs_clock_says(zone: str, day: date, hours: float) -> None:
    days = ClubDays(zone)
    assert days.begin(day + timedelta(days=1)) - days.begin(day) == hours * HOUR


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ((2026, 11, 26, 7, 59), date(2026, 11, 25)),
        ((2026, 11, 26, 8, 0), date(2026, 11, 26)),
        ((2026, 11, 27, 3, 0), date(2026, 11, 26)),
    ],
)
def test_the_small_hours_belong_to_the_evening_before(moment: tuple[int, ...], day: date) -> None:
    assert ClubDays("Asia/Almaty", 8 * HOUR).day_of(at("Asia/Almaty", *moment)) == day


@given(days_of_the_clubs, st.integers(1_577_836_800, 2_080_000_000))
def test_an_instant_lies_in_its_day_and_in_no_other(days: ClubDays, instant: int) -> None:
    day = days.day_of(instant)
    assert days.begin(day) <= instant < days.begin(day + timedelta(days=1))


@given(periods)
def test_the_days_of_a_period_leave_no_gap(period: Period) -> None:
    begins = [period.days.begin(day) for day in period.dates()]
    assert begins[0] == period.from_at
    assert begins == sorted(begins)
    assert all(begin % QUARTER == 0 for begin in [*begins, period.until_at])


@pytest.mark.parametrize(
    ("first", "last", "problem"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), None),
        (date(2026, 1, 1), date(2026, 12, 31), None),
        (date(2026, 1, 1), date(2027, 1, 2), "period_too_long"),
        (date(2026, 1, 2), date(2026, 1, 1), "period_backwards"),
        (None, date(2026, 1, 1), "day_malformed"),
        (date(2026, 1, 1), None, "day_malformed"),
        (date.min, date.min, "day_malformed"),
        (date.max, date.max, "day_malformed"),
    ],
)
def test_what_may_be_shown(first: date | None, last: date | None, problem: str | None) -> None:
    assert rules.period_problem(first, last) == problem


# --- money ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("debit", "credit", "sold", "played", "cash"),
    [
        ("cash", "customer_balance", 0, 0, 7),
        ("customer_balance", "cash", 0, 0, -7),
        ("cash", "lot_unearned", 7, 0, 7),
        ("customer_balance", "lot_unearned", 7, 0, 0),
        ("lot_unearned", "customer_balance", -7, 0, 0),
        ("lot_unearned", "cash", -7, 0, -7),
        ("lot_unearned", "revenue", 0, 7, 0),
        ("revenue", "lot_unearned", 0, -7, 0),
        ("cash", "card", 0, 0, 7),
    ],
)
def test_what_a_movement_of_money_is_called(
    debit: str, credit: str, sold: int, played: int, cash: int
) -> None:
    total = rules.money([Flow(0, debit, credit, 7)])
    assert (total.sold_tiyn, total.played_tiyn, total.received_tiyn["cash"]) == (sold, played, cash)


@given(periods, st.data())
def test_days_and_hours_add_up_to_the_whole(period: Period, data: st.DataObject) -> None:
    quarters = st.integers(period.from_at // QUARTER, period.until_at // QUARTER - 1)
    flows = data.draw(
        st.lists(
            st.builds(
                Flow, quarters.map(lambda n: n * QUARTER), kinds, kinds, st.integers(1, 10**9)
            ),
            max_size=8,
        )
    )
    whole = rules.money(flows)
    assert added(rules.money_by_day(period, flows).values()) == whole
    assert added(rules.money_by_hour(period.days, flows).values()) == whole
    assert list(rules.money_by_day(period, flows)) == period.dates()


def added(parts: Iterable[Money]) -> Money:
    total = Money()
    for part in parts:
        total.sold_tiyn += part.sold_tiyn
        total.played_tiyn += part.played_tiyn
        total.goods_tiyn += part.goods_tiyn
        for method, tiyn in part.received_tiyn.items():
            total.received_tiyn[method] += tiyn
    return total


# --- occupation -----------------------------------------------------------------------------------


@given(
    st.integers(1, 60),
    st.lists(st.tuples(st.integers(0, 60 * QUARTER), st.integers(0, 30_000)), max_size=30),
)
def test_seconds_by_quarter_are_those_of_each_sitting(
    quarters: int, sittings: list[tuple[int, int]]
) -> None:
    base = 1_800_000_000 - 1_800_000_000 % QUARTER
    end_of_all = base + quarters * QUARTER
    spans = [(base + begin, base + begin + length) for begin, length in sittings]
    found = rules.seconds_by_quarter(
        base,
        end_of_all,
        rules.edges(Counter(begin for begin, _ in spans if begin < end_of_all)),
        rules.edges(Counter(end for _, end in spans if end < end_of_all)),
    )
    for quarter in range(base, end_of_all, QUARTER):
        wanted = sum(
            max(0, min(end, quarter + QUARTER) - max(begin, quarter)) for begin, end in spans
        )
        assert found[quarter] == wanted


def test_occupation_by_hour_of_the_clubs_clock() -> None:
    days = ClubDays("Asia/Almaty")
    monday = at("Asia/Almaty", 2026, 11, 23, 21)
    cells = rules.occupation_by_hour(
        days, {monday: 900, monday + QUARTER: 450}, {monday: 1800, monday + QUARTER: 1800}
    )
    assert len(cells) == 7 * 24
    assert cells[0, 21].percent == 38  # 37.5
    assert cells[0, 20].percent is None


@pytest.mark.parametrize(
    ("zone", "changed"),
    [
        ("Asia/Almaty", date(2026, 3, 29)),
        ("Europe/Berlin", date(2026, 3, 29)),
        ("Europe/Berlin", date(2026, 10, 25)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),
        ("America/Santiago", date(2026, 9, 6)),
    ],
)
def test_each_quarter_counts_to_the_hour_that_the_clubs_clock_shows(
    zone: str, changed: date
) -> None:
    begin = at(zone, changed.year, changed.month, changed.day) - 24 * HOUR
    quarters = range(begin, begin + 72 * HOUR, QUARTER)
    shown: dict[tuple[int, int], int] = {}
    for quarter in quarters:
        local = datetime.fromtimestamp(quarter, ZoneInfo(zone))
        hour = local.weekday(), local.hour
        shown[hour] = shown.get(hour, 0) + QUARTER
    found = rules.occupation_by_hour(ClubDays(zone), {}, dict.fromkeys(quarters, QUARTER))
    assert {hour: cell.all_seconds for hour, cell in found.items() if cell.all_seconds} == shown
