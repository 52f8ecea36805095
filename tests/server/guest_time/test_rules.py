"""How a rest goes back, and when nobody can claim it any more."""

import pytest

from lovhub.server.guest_time import rules

DAY = 24 * 3600


@pytest.mark.parametrize(
    ("rest", "paid", "cash", "card"),
    [
        (500, {"cash": 500}, 500, 0),
        (500, {"card": 500}, 0, 500),
        (300, {"card": 500}, 0, 300),
        (1000, {"card": 600, "cash": 400}, 400, 600),
        (500, {"card": 600, "cash": 400}, 400, 100),
        (300, {"card": 600, "cash": 400}, 300, 0),
        (900, {"kaspi": 500, "card": 400}, 500, 400),
        (500, {}, 500, 0),  # taken along into another zone: nobody knows any more how it was paid
        (0, {"card": 500}, 0, 0),
    ],
)
def test_what_was_paid_by_card_goes_back_by_card_once_cash_does_not_cover_it(
    rest: int, paid: dict[str, int], cash: int, card: int
) -> None:
    assert rules.ways_back(rest, paid) == {"cash": cash, "card": card}


def test_it_may_be_claimed_for_three_years() -> None:
    assert rules.end_problem(sold_at=0, now=1096 * DAY) == "guest_time_claimable"
    assert rules.end_problem(sold_at=0, now=1096 * DAY + 1) == ""
