"""Playing in debt without a database: what is played is what was paid and what is owed, never beyond the limit."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lovhub.server.lots.by_minute import Means
from lovhub.server.tariffs.metering import Meter, Stretch

FLAT = (Stretch(0, 10**6, 600_00),)


@pytest.mark.parametrize(
    ("means", "limit_tiyn", "expected"),
    [
        (Means(0, 100_00, 0, 500_00), 0, 100_00),  # only the balance pays
        (Means(0, 100_00, 0, 500_00), 500_00, 600_00),
        (Means(150_00, 0, 50_00, 500_00), 500_00, 600_00),
        (Means(0, 0, 500_00, 500_00), 500_00, 0),
        (Means(0, 0, 0, 900_00), 500_00, 500_00),  # raised since
        (Means(100_00, 0, 300_00, 200_00), 500_00, 0),  # lowered since
        (Means(100_00, 0, 300_00, 0), 500_00, -200_00),
    ],
)
def test_what_may_still_be_spent(means: Means, limit_tiyn: int, expected: int) -> None:
    assert means.of(limit_tiyn) == expected


@dataclass
class Books:
    """What the accounts of one customer would hold, by the rules of docs/billing.md alone."""

    limit: int
    balance: int = 0
    debt: int = 0
    reserved: int = 0
    played: int = 0
    paid_in: int = 0

    def take(self, tiyn: int) -> None:
        """More is reserved, or (below zero) let go."""
        of_debt = max(tiyn, -self.debt) if tiyn < 0 else max(0, tiyn - self.balance)
        self.debt, self.balance = self.debt + of_debt, self.balance - (tiyn - of_debt)
        self.reserved += tiyn

    def earn(self, tiyn: int) -> None:
        self.reserved, self.played = self.reserved - tiyn, self.played + tiyn

    def pay_in(self, tiyn: int) -> None:
        self.paid_in, paid = self.paid_in + tiyn, min(self.debt, tiyn)
        self.debt, self.balance = self.debt - paid, self.balance + tiyn - paid


_STEPS = st.lists(
    st.tuples(st.sampled_from(["play", "pay", "lower"]), st.integers(1, 4000)), max_size=12
)


@given(st.integers(0, 2000_00), st.integers(1, 2000_00), _STEPS)
@settings(max_examples=150, deadline=None)
def test_what_is_played_is_paid_or_owed_and_nobody_owes_beyond_the_limit(
    begins_with: int, limit: int, steps: list[tuple[str, int]]
) -> None:
    books, now, used, club_limit = Books(limit, begins_with, paid_in=begins_with), 0, 0, limit
    for step, amount in steps:
        means = Means(books.reserved, books.balance, books.debt, club_limit)
        meter = Meter(FLAT, 0, books.played + means.of(limit), now, used)
        leased = min(900, meter.seconds_from(now))
        books.take(meter.reserved(now, leased).paid_tiyn - books.played - books.reserved)
        assert books.debt <= limit
        played = meter.played(now, min(amount, leased) if step == "play" else 0)
        books.earn(played.earned_tiyn - books.played)
        used, now = played.used, now + (min(amount, leased) if step == "play" else 0)
        if step == "pay":
            books.pay_in(amount)
        elif step == "lower":
            club_limit = min(club_limit, amount)
        owed = max(0, books.debt - books.reserved - books.balance)
        has = max(0, books.balance + books.reserved - books.debt)
        assert books.played == books.paid_in - has + owed
        assert min(books.balance, books.debt) == 0
        assert owed <= limit
