"""Bought time in another zone: what is compared, what it comes to, and what is still taken as it was shown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lovhub.server.tariffs.rules import Terms, ZonePrice
from lovhub.server.tariffs.zones import Prices, Rest, agreed, fate, taken_along

HALL, VIP, CLOSED = 1, 2, 3
HOUR = 3600
TERMS = Terms(
    "3 часа", 3 * HOUR, 900_00, zones={VIP: ZonePrice(True, 1500_00), CLOSED: ZonePrice(sold=False)}
)  # fmt: skip
DEARER, CHEAPER = Prices(900_00, 1500_00), Prices(1500_00, 900_00)
TWO_HOURS = Rest(2 * HOUR, 600_00, 900_00, 3 * HOUR)


@pytest.mark.parametrize(
    ("rule", "terms", "bought_in", "zone", "price", "expected"),
    [
        ("free", TERMS, HALL, VIP, 900_00, "as_it_is"),
        ("difference", TERMS, HALL, VIP, 900_00, DEARER),
        ("convert", TERMS, HALL, VIP, 900_00, DEARER),
        ("difference", TERMS, VIP, HALL, 1500_00, "as_it_is"),
        ("convert", TERMS, VIP, HALL, 1500_00, CHEAPER),
        ("convert", TERMS, HALL, None, 900_00, "as_it_is"),
        ("difference", TERMS, HALL, CLOSED, 900_00, "not_there"),
        ("difference", TERMS, CLOSED, VIP, 900_00, "as_it_is"),
        ("difference", None, HALL, VIP, 0, "as_it_is"),
        ("difference", TERMS, HALL, VIP, 0, "as_it_is"),
    ],
)
def test_whether_time_is_played_in_another_zone(
    rule: str, terms: Terms | None, bought_in: int, zone: int | None, price: int, expected: object
) -> None:
    assert fate(rule, terms, bought_in, zone, price_tiyn=price) == expected


def test_what_it_comes_to() -> None:
    assert taken_along("difference", [(TWO_HOURS, DEARER)]).difference_tiyn == 400_00
    assert taken_along("convert", [(TWO_HOURS, DEARER)]).seconds == (72 * 60,)
    second = Rest(1, 8, 900_00, 3 * HOUR)
    assert taken_along("convert", [(second, DEARER)]).seconds == (1,)
    # 5 + 400 tenge and some tiyn: rounded down to tenge, taken off the last one.
    third = Rest(100, 8_33, 900_00, 3 * HOUR)
    assert taken_along("difference", [(TWO_HOURS, DEARER), (third, DEARER)]).differences_tiyn == (
        400_00, 5_00,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "shown", "expected"),
    [
        ("difference", 400_00, 400_00),
        ("difference", 433_00, 433_00),
        ("difference", 434_00, None),
        ("difference", 399_00, None),
        ("convert", 72 * 60, 0),
        ("convert", 78 * 60, 0),
        ("convert", 78 * 60 + 1, None),
    ],
)
def test_what_was_shown_minutes_ago_is_taken(rule: str, shown: int, expected: int | None) -> None:
    taken = agreed(rule, [(TWO_HOURS, DEARER)], shown)
    assert (None if taken is None else taken.difference_tiyn) == expected
    if taken is not None and rule == "convert":
        assert taken.seconds == (72 * 60,)


_TIYN = st.integers(1, 10**7)


@given(_TIYN, _TIYN, st.integers(1, 10**6))
@settings(max_examples=200, deadline=None)
def test_a_conversion_takes_less_than_a_second_and_never_gives_one_away(
    bought: int, there: int, seconds: int
) -> None:
    rest = Rest(seconds, 0, 0, seconds)
    (converted,) = taken_along("convert", [(rest, Prices(bought, there))]).seconds
    assert converted == 1 or 0 <= seconds * bought - converted * there < there
    (back,) = taken_along(
        "convert", [(Rest(converted, 0, 0, converted), Prices(there, bought))]
    ).seconds
    assert back <= seconds or converted == 1


@given(_TIYN, _TIYN, _TIYN, st.integers(0, 10**6))
@settings(max_examples=200, deadline=None)
def test_cheaper_never_costs_more(bought: int, there: int, more: int, money: int) -> None:
    rest = Rest(1, money, money, 1)
    near = taken_along("difference", [(rest, Prices(bought, bought + there))]).difference_tiyn
    far = taken_along("difference", [(rest, Prices(bought, bought + there + more))]).difference_tiyn
    assert 0 <= near <= far
    assert near % 100 == 0
