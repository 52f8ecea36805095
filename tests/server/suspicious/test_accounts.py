"""Whose account it is, and when one account comes too often: as tables and as properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lovhub.server.suspicious.accounts import (
    SAME_ACCOUNT_SECONDS,
    SAME_ACCOUNT_TIMES,
    Account,
    Colleague,
    Favour,
    bursts,
    owners,
)

HOUR = 3600
STAFF = [
    Colleague(1, "айгуль сериккызы", customer_id=10, phone="+77011234567"),
    Colleague(2, "данияр"),
    Colleague(3, "тимур ахметов"),
]


@pytest.mark.parametrize(
    ("account", "whose"),
    [
        (Account(10, "кто угодно"), 1),
        (Account(11, "друг", "+77011234567"), 1),
        (Account(12, "тимур ахметов"), 3),
        (Account(13, "данияр"), None),
        (Account(14, "тимур"), None),
        (Account(15, "друг", "+77019999999"), None),
        (Account(16, "друг"), None),
    ],
    ids=["known", "its phone", "full name", "first name", "part of it", "a phone", "a stranger"],
)
def test_whose_account_it_is(account: Account, whose: int | None) -> None:
    assert owners(STAFF, [account]).get(account.customer_id) == whose


def times(*hours: float, person: int = 2, customer: int = 20) -> list[Favour]:
    return [Favour(n, int(at * HOUR), person, customer) for n, at in enumerate(hours)]


@pytest.mark.parametrize(
    ("favours", "found"),
    [
        (times(0, 1, 2), []),
        (times(0, 1, 2, 3), [(4, 3)]),
        (times(0, 8, 16, 24), [(4, 24)]),
        (times(0, 8, 16, 24.01), []),
        (times(0, 1, 2, 3, 26), [(4, 3)]),
        (times(0, 1, 2, 3, 22, 23), [(6, 23)]),
        (times(0, 1, 2, 3, 100, 101, 102, 103, 104), [(4, 3), (5, 4)]),
        (times(0, 1) + times(2, 3, person=5), []),
        (times(0, 1) + times(2, 3, customer=21), []),
    ],
)
def test_one_account_again_and_again(favours: list[Favour], found: list[tuple[int, int]]) -> None:
    assert [(burst.times, burst.seconds // HOUR) for burst in bursts(favours)] == found


@given(st.lists(st.integers(0, 10 * 24 * HOUR), max_size=40))
def test_nothing_is_counted_twice_and_none_that_belongs_is_left_out(instants: list[int]) -> None:
    favours = [Favour(n, at, 2, 20) for n, at in enumerate(sorted(instants))]
    found = bursts(favours)
    in_some = {
        one.event_id
        for n in range(len(favours) - SAME_ACCOUNT_TIMES + 1)
        for one in favours[n : n + SAME_ACCOUNT_TIMES]
        if favours[n + SAME_ACCOUNT_TIMES - 1].at - favours[n].at <= SAME_ACCOUNT_SECONDS
    }
    assert sum(burst.times for burst in found) == len(in_some)
