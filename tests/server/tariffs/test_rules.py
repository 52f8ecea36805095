from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lovhub.server.tariffs import rules
from lovhub.server.tariffs.rules import Calendar, Offer, Terms, ZonePrice

ALMATY = Calendar("Asia/Almaty", frozenset({date(2026, 3, 23)}))
HOUR = 3600
HALL, VIP, BOOTCAMP = 1, 2, 3

NIGHT = Terms("Ночь", 10 * HOUR, 3000_00, "fixed_end", sold_from=22 * HOUR, sold_until=8 * HOUR,
              rest_rule="expires")  # fmt: skip
DAY = Terms(
    "День", 3 * HOUR, 1000_00, weekdays=frozenset({0, 1, 2, 3}),
    sold_from=10 * HOUR, sold_until=18 * HOUR,
    zones={VIP: ZonePrice(price_tiyn=1500_00), BOOTCAMP: ZonePrice(sold=False)},
)  # fmt: skip


def almaty(day: str, clock: str) -> int:
    return int(datetime.fromisoformat(f"{day} {clock}+05:00").timestamp())


# 2026-03-19 is a Thursday, the 23rd a Monday and the club's holiday.
@pytest.mark.parametrize(
    ("day", "clock", "zone_id", "price_tiyn"),
    [
        ("2026-03-19", "09:59:59", HALL, None),
        ("2026-03-19", "10:00:00", HALL, 1000_00),
        ("2026-03-19", "10:00:00", None, 1000_00),
        ("2026-03-19", "17:59:59", VIP, 1500_00),
        ("2026-03-19", "18:00:00", VIP, None),
        ("2026-03-19", "12:00:00", BOOTCAMP, None),
        ("2026-03-20", "12:00:00", HALL, None),
        ("2026-03-23", "12:00:00", HALL, 1000_00),
    ],
)
def test_a_tariff_is_sold_on_its_days_at_its_times_in_its_zones(
    day: str, clock: str, zone_id: int | None, price_tiyn: int | None
) -> None:
    found = rules.offer(DAY, ALMATY, almaty(day, clock), zone_id)
    assert (None if found is None else found.price_tiyn) == price_tiyn


@pytest.mark.parametrize(
    ("rule", "monday", "sunday_before"),
    [("as_weekday", True, False), ("also", True, False), ("not", False, False), ("only", True, False)],
)  # fmt: skip
@pytest.mark.parametrize("weekdays", [frozenset({0}), frozenset({4})])
def test_holidays(
    rule: rules.HolidayRule, monday: bool, sunday_before: bool, weekdays: frozenset[int]
) -> None:
    terms = replace(DAY, holiday_rule=rule, weekdays=weekdays)
    expected = monday and (rule != "as_weekday" or 0 in weekdays)
    holiday = rules.offer(terms, ALMATY, almaty("2026-03-23", "12:00:00"), HALL)
    assert (holiday is not None) == expected
    before = rules.offer(terms, ALMATY, almaty("2026-03-22", "12:00:00"), HALL)
    assert (before is not None) == sunday_before


@pytest.mark.parametrize(
    ("clock", "whole", "share"),
    [
        ("22:00:00", (3000_00, 10 * HOUR), (3000_00, 10 * HOUR)),
        ("03:00:00", (3000_00, 5 * HOUR), (1500_00, 5 * HOUR)),
        ("03:00:01", (3000_00, 5 * HOUR - 1), (1500_00, 5 * HOUR - 1)),
        ("07:00:00", (3000_00, HOUR), (500_00, HOUR)),
        ("07:59:00", (3000_00, 60), (500_00, 60)),
        ("07:59:01", None, None),
        ("12:00:00", None, None),
    ],
)
def test_the_night_ends_at_eight_whenever_it_is_bought(
    clock: str, whole: tuple[int, int] | None, share: tuple[int, int] | None
) -> None:
    day = "2026-03-20" if clock < "12" else "2026-03-19"
    now, ends_at = almaty(day, clock), almaty("2026-03-20", "08:00:00")
    by_share = replace(NIGHT, price_rule="share", minimum_tiyn=500_00)
    for terms, expected in ((NIGHT, whole), (by_share, share)):
        found = rules.offer(terms, ALMATY, now, HALL)
        assert found == (None if expected is None else Offer(*expected, ends_at))


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    friday_night = replace(NIGHT, weekdays=frozenset({4}))
    for day, clock, sold in (
        ("2026-03-20", "03:00:00", False),
        ("2026-03-20", "23:00:00", True),
        ("2026-03-21", "03:00:00", True),
        ("2026-03-21", "23:00:00", False),
    ):
        found = rules.offer(friday_night, ALMATY, almaty(day, clock), HALL)
        assert (found is not None) == sold, (day, clock)


def test_a_bundle_lasts_to_the_end_of_its_last_day() -> None:
    bundle = Terms("10 часов", 10 * HOUR, 4000_00, "bundle", valid_days=30, rest_rule="expires")
    found = rules.offer(bundle, ALMATY, almaty("2026-03-01", "23:59:59"), HALL)
    assert found == Offer(4000_00, 10 * HOUR, almaty("2026-04-01", "00:00:00"))


def test_a_falling_price_is_taken_as_it_was_shown_ten_minutes_ago() -> None:
    terms = replace(NIGHT, price_rule="share")
    now = almaty("2026-03-20", "03:00:00")
    for shown_tiyn, taken in ((1499_00, False), (1500_00, True), (1550_00, True), (1551_00, False)):
        assert (rules.honoured(terms, ALMATY, now, HALL, shown_tiyn) is not None) is taken
    assert (
        rules.honoured(terms, ALMATY, almaty("2026-03-19", "22:00:00"), HALL, 3000_00) is not None
    )
    assert rules.honoured(NIGHT, ALMATY, now, HALL, 2999_00) is None
    assert rules.honoured(NIGHT, ALMATY, almaty("2026-03-20", "12:00:00"), HALL, 3000_00) is None


# 36 000 ₸ for ten hours: a tenge each second, and of 72 000 ₸ two at a time.
@pytest.mark.parametrize(
    ("price_tiyn", "minimum_tiyn", "clock", "shown_tiyn", "full_tiyn"),
    [
        (36_000_00, 0, "03:00:00", 18_001_00, 18_001_00),
        (72_000_00, 0, "03:00:00", 36_002_00, 36_002_00),
        (72_000_00, 0, "03:00:00", 36_001_00, None),
        (72_000_00, 0, "03:00:00", 36_000_50, None),
        (72_000_00, 0, "03:00:00", 37_200_00, 37_200_00),
        (72_000_00, 0, "03:00:00", 37_202_00, None),
        (72_000_00, 36_001_50, "03:00:00", 36_001_50, 36_001_50),
        (72_000_00, 36_001_50, "03:00:00", 36_000_00, None),
        (71_999_50, 0, "22:00:01", 71_999_50, 71_999_50),
        (71_999_50, 0, "22:00:01", 71_999_00, None),
        (71_999_50, 0, "22:00:01", 71_998_00, 71_998_00),
    ],
)
def test_a_price_between_two_that_were_shown_was_not_shown(
    price_tiyn: int, minimum_tiyn: int, clock: str, shown_tiyn: int, full_tiyn: int | None
) -> None:
    terms = replace(NIGHT, price_rule="share", price_tiyn=price_tiyn, minimum_tiyn=minimum_tiyn)
    now = almaty("2026-03-20" if clock < "12" else "2026-03-19", clock)
    assert rules.honoured(terms, ALMATY, now, HALL, shown_tiyn) == full_tiyn


# Berlin: 02:00 to 03:00 is skipped on 2026-03-29 and shown twice on 2026-10-25.
@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-28", 9), ("2026-10-24", 11), ("2026-06-01", 10)]
)
def test_a_night_of_a_clock_change_is_sold_as_long_as_it_is(day: str, hours: int) -> None:
    berlin = Calendar("Europe/Berlin")
    now = berlin.instant(date.fromisoformat(day), 22 * HOUR)
    found = rules.offer(NIGHT, berlin, now, None)
    assert found is not None
    assert found.seconds == hours * HOUR
    ends = datetime.fromtimestamp(found.expires_at or 0, ZoneInfo("Europe/Berlin"))
    assert (ends.hour, ends.minute) == (8, 0)


ZONES = ("Asia/Almaty", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Africa/Cairo")
# Around the clock changes of 2026, and anywhere else.
CHANGES = [
    int(datetime(2026, month, day, tzinfo=UTC).timestamp())
    for month, day in ((3, 28), (4, 4), (4, 23), (9, 5), (10, 3), (10, 24), (10, 29))
]
INSTANTS = st.one_of(
    st.builds(lambda at, later: at + later, st.sampled_from(CHANGES), st.integers(0, 3 * 86400)),
    st.integers(1_700_000_000, 1_900_000_000),
)
TIMES = st.integers(0, rules.DAY_SECONDS - 1)


@given(st.sampled_from(ZONES), INSTANTS, st.sets(TIMES, min_size=1, max_size=5))
def test_tariffs_that_meet_sell_each_second_once(
    time_zone: str, now: int, borders: set[int]
) -> None:
    calendar, ordered = Calendar(time_zone), sorted(borders)
    windows = [
        rules.open_window(replace(DAY, weekdays=rules.EVERY_DAY, sold_from=a, sold_until=b), calendar, now)
        for a, b in zip(ordered, [*ordered[1:], ordered[0]], strict=True)
    ]  # fmt: skip
    assert sum(window is not None for window in windows) == 1


@given(st.sampled_from(ZONES), INSTANTS, TIMES, TIMES, st.sets(st.integers(0, 6)))
def test_weekdays_that_complete_each_other_sell_each_second_once(
    time_zone: str, now: int, opens: int, closes: int, weekdays: set[int]
) -> None:
    calendar = Calendar(time_zone, frozenset({date(2026, 3, 29)}))
    terms = replace(DAY, sold_from=opens, sold_until=closes)
    some = replace(terms, weekdays=frozenset(weekdays))
    others = replace(terms, weekdays=rules.EVERY_DAY - weekdays)
    every = replace(terms, weekdays=rules.EVERY_DAY)
    found = [rules.open_window(t, calendar, now) for t in (some, others) if t.weekdays]
    # A window of 24 hours may still be open when the next day's opens: then either is right.
    if opens != closes:
        assert [w for w in found if w] == [
            w for w in [rules.open_window(every, calendar, now)] if w
        ]
    on, off = (replace(every, holiday_rule=rule) for rule in ("only", "not"))
    sold = [rules.open_window(t, calendar, now) for t in (on, off)]
    if opens != closes:
        assert sum(w is not None for w in sold) == (rules.open_window(every, calendar, now) is not None)  # fmt: skip


HOURS = st.builds(
    replace,
    st.just(DAY),
    weekdays=st.sampled_from([frozenset({0, 1}), frozenset({5}), rules.EVERY_DAY]),
    sold_from=st.sampled_from([0, 8 * HOUR]),
    sold_until=st.sampled_from([8 * HOUR, 23 * HOUR]),
    holiday_rule=st.sampled_from(rules.HOLIDAY_RULES),
)


@given(INSTANTS, st.lists(HOURS, max_size=12))
def test_many_tariffs_are_open_when_each_of_them_is(now: int, tariffs: list[rules.Terms]) -> None:
    calendar = Calendar("Asia/Almaty", frozenset({Calendar("Asia/Almaty").day(now)}))
    alone = {n: rules.open_window(terms, calendar, now) for n, terms in enumerate(tariffs)}
    together = rules.open_windows(dict(enumerate(tariffs)), calendar, now)
    assert together == {n: window for n, window in alone.items() if window is not None}


@given(st.sampled_from(ZONES), INSTANTS, st.integers(0, 36 * HOUR))
def test_a_night_bought_in_two_pieces_is_as_long_as_in_one(
    time_zone: str, now: int, later: int
) -> None:
    calendar = Calendar(time_zone)
    first, second = (rules.offer(NIGHT, calendar, at, None) for at in (now, now + later))
    if first is not None and second is not None and first.expires_at == second.expires_at:
        assert first.seconds == later + second.seconds


@given(
    st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**6), INSTANTS, st.integers(0, 10**5)
)  # fmt: skip
def test_cheaper_never_costs_more_and_less_time_never_costs_more(
    price: int, dearer_by: int, minimum: int, now: int, later: int
) -> None:
    cheap = replace(NIGHT, price_rule="share", price_tiyn=price, minimum_tiyn=minimum)
    dear = replace(cheap, price_tiyn=price + dearer_by)
    one, other = (rules.offer(terms, ALMATY, now, HALL) for terms in (cheap, dear))
    if one is None or other is None:
        assert one == other
        return
    assert one.price_tiyn <= other.price_tiyn
    assert one.price_tiyn <= price
    then = rules.offer(cheap, ALMATY, now + later, HALL)
    if then is not None and then.expires_at == one.expires_at:
        assert then.price_tiyn <= one.price_tiyn
        assert rules.honoured(cheap, ALMATY, now, HALL, one.price_tiyn) is not None


@settings(max_examples=40)  # each looks at ten minutes, second by second
@given(
    st.integers(0, 10**7), st.integers(0, 10**6), INSTANTS, st.integers(0, 100), st.integers(0, 700),
    st.integers(-200, 200),
)  # fmt: skip
def test_a_price_is_taken_if_it_was_one_of_the_last_ten_minutes_and_at_the_lowest_full_one(
    price: int, minimum: int, now: int, percent: int, ago: int, off: int
) -> None:
    terms = replace(NIGHT, price_rule="share", price_tiyn=price, minimum_tiyn=minimum)
    group = rules.Group(1, percent)
    current = rules.offer(terms, ALMATY, now, HALL, group)
    if current is None:
        return
    then = rules.offer(terms, ALMATY, now - ago, HALL, group) or current
    shown = then.price_tiyn + off
    fitting = [
        one.full_price_tiyn
        for second in range(rules.QUOTE_SECONDS + 1)
        if (one := rules.offer(terms, ALMATY, now - second, HALL, group)) is not None
        and one.expires_at == current.expires_at
        and one.price_tiyn == shown
    ]
    found = rules.honoured(terms, ALMATY, now, HALL, shown, group)
    assert found == min(fitting, default=None)


@given(st.sampled_from(ZONES), st.dates(date(2025, 1, 1), date(2027, 1, 1)), TIMES, TIMES)
def test_the_clock_never_runs_back(time_zone: str, day: date, one: int, other: int) -> None:
    calendar = Calendar(time_zone)
    earlier, later = sorted((one, other))
    assert calendar.instant(day, earlier) <= calendar.instant(day, later)
    assert calendar.instant(day, rules.DAY_SECONDS) == calendar.instant(day + timedelta(days=1), 0)
    assert calendar.instant(day, later) <= calendar.instant(day, rules.DAY_SECONDS)


@pytest.mark.parametrize(
    ("terms", "field", "code"),
    [
        (replace(DAY, title=" "), "title", "title_malformed"),
        (replace(DAY, seconds=59), "seconds", "duration_out_of_range"),
        (replace(DAY, price_tiyn=-1), "price", "price_out_of_range"),
        (replace(DAY, weekdays=frozenset()), "weekdays", "no_day_chosen"),
        (replace(DAY, sold_from=None), "sold_from", "time_of_day_missing"),
        (replace(DAY, sold_until=None), "sold_until", "time_of_day_missing"),
        (replace(DAY, sold_until=86400), "sold_from", "time_of_day_malformed"),
        (replace(NIGHT, sold_from=None, sold_until=None), "sold_from", "time_of_day_missing"),
        (replace(NIGHT, rest_rule="kept"), "rest_rule", "rest_cannot_be_kept"),
        (replace(DAY, kind="bundle", rest_rule="expires"), "valid_days", "valid_days_out_of_range"),
        (replace(DAY, minimum_tiyn=-1), "minimum", "price_out_of_range"),
        (replace(DAY, zones={9: ZonePrice()}), "zones", "zone_unknown"),
        (replace(DAY, zones={VIP: ZonePrice(price_tiyn=-1)}), "zones", "price_out_of_range"),
        (
            replace(DAY, zones={VIP: ZonePrice(sold=False)}, sold_elsewhere=False),
            "zones",
            "sold_nowhere",
        ),
    ],
)
def test_what_is_wrong_with_a_tariff_is_named(terms: Terms, field: str, code: str) -> None:
    assert rules.problems(terms, {HALL, VIP, BOOTCAMP}) == {field: code}


def test_good_tariffs_have_no_problems() -> None:
    for terms in (DAY, NIGHT, replace(DAY, weekdays=frozenset(), holiday_rule="only")):
        assert rules.problems(terms, {HALL, VIP, BOOTCAMP}) == {}


@pytest.mark.parametrize(
    ("sold_from", "sold_until", "hours"), [(22, 8, 10), (10, 18, 8), (8, 8, 24), (0, 23, 23)]
)
def test_how_long_a_window_is(sold_from: int, sold_until: int, hours: int) -> None:
    assert rules.window_seconds(sold_from * HOUR, sold_until * HOUR) == hours * HOUR


@given(st.integers(0, 10**8), st.integers(60, 31 * 24 * 3600))
def test_the_price_of_an_hour_is_the_nearest_tiyn(price_tiyn: int, seconds: int) -> None:
    hour = rules.per_hour_tiyn(price_tiyn, seconds)
    assert abs(hour * seconds - price_tiyn * 3600) * 2 <= seconds
    assert rules.per_hour_tiyn(price_tiyn, 3600) == price_tiyn
