"""Who may sit at a PC that is broken or kept."""

from datetime import time

import pytest

from lovhub.server.conditions import rules
from lovhub.server.conditions.rules import Standing

BROKEN = Standing("broken", since_at=100)
FOR_ANYBODY = Standing("kept", since_at=100, until_at=500)
FOR_CUSTOMER = Standing("kept", since_at=100, until_at=500, customer_id=7)


@pytest.mark.parametrize(
    ("standing", "now", "customer_id", "despite", "code"),
    [
        (None, 200, None, False, ""),
        (BROKEN, 200, 7, False, "computer_broken"),
        (BROKEN, 10**9, None, True, "computer_broken"),
        (FOR_ANYBODY, 200, None, False, "computer_kept"),
        (FOR_ANYBODY, 200, 7, False, "computer_kept"),
        (FOR_ANYBODY, 499, None, False, "computer_kept"),
        (FOR_ANYBODY, 500, None, False, ""),
        (FOR_ANYBODY, 200, None, True, ""),
        (FOR_CUSTOMER, 200, 7, False, ""),
        (FOR_CUSTOMER, 200, 8, False, "computer_kept"),
        (FOR_CUSTOMER, 200, None, False, "computer_kept"),
    ],
)
def test_who_may_sit(
    standing: Standing | None, now: int, customer_id: int | None, despite: bool, code: str
) -> None:
    assert rules.refusal(standing, now=now, customer_id=customer_id, despite_kept=despite) == code


@pytest.mark.parametrize(("sold_at", "meant"), [(99, False), (100, True), (300, True)])
def test_a_code_sold_since_the_pc_was_kept_was_meant(sold_at: int, meant: bool) -> None:
    assert rules.was_sold_since(FOR_ANYBODY, sold_at) is meant
    assert not rules.was_sold_since(None, sold_at)


@pytest.mark.parametrize(
    ("until_at", "fits"), [(1000, False), (1001, True), (87_400, True), (87_401, False)]
)
def test_a_pc_is_kept_for_a_day_at_most(until_at: int, fits: bool) -> None:
    assert (rules.kept_problem(until_at, 1000) == "") is fits


@pytest.mark.parametrize(
    ("typed", "hours"), [(time(23, 0), 1), (time(22, 0), 24), (time(0, 30), 2.5)]
)
def test_a_time_of_day_is_the_next_such_moment_in_the_club(typed: time, hours: float) -> None:
    at_22 = 1_700_000_000 // 86_400 * 86_400 + 17 * 3600  # 17:00 UTC is 22:00 at +05:00
    until = rules.next_moment(typed, now=at_22, time_zone="Etc/GMT-5")
    assert until - at_22 == hours * 3600


def test_the_suggested_time_is_about_an_hour_away_and_round() -> None:
    assert rules.suggested_until(299) == 3900
    assert rules.suggested_until(300) == 3900
