"""What chains of clubs need is worked out from what one evening costs, as it was played."""

import random
from dataclasses import replace

import pytest

from bench.scale.__main__ import costs_written, plans_written
from bench.scale.costs import Costs
from bench.scale.evenings import EveningCosts, played
from bench.scale.simulated import (
    BUSIEST_SHARE,
    DAY_SECONDS,
    HOUR_SECONDS,
    Chain,
    fewest_nodes,
    growth,
    plan,
    poisson,
)
from tests.support.postgres import PostgresServer

EVENING = EveningCosts(0.05, 0.03, 17, 186, 50_000, 16_000)
COSTS = Costs(
    heartbeat_seconds=0.00002,
    password_seconds=0.06,
    hello_seconds=0.003,
    page_seconds=0.01,
    live_seconds_a_computer=5e-6,
    computer_bytes=70 * 1024,
    evening=EVENING,
)


def test_an_evening_is_played_by_the_real_operations(
    postgres_server: PostgresServer, migrated_postgres_url: str
) -> None:
    costs = played(postgres_server, migrated_postgres_url, evenings=3)
    # Top-up, sign-in, purchase, four reports of programs, renewals and the end.
    assert costs.transactions >= 8
    assert costs.statements > costs.transactions
    assert min(costs.node_seconds, costs.wal_bytes) > 0


def test_as_many_evenings_begin_as_a_day_has() -> None:
    always_full = replace(Chain(), played_by_hour=(1.0,) * 24)
    begun = sum(always_full.evenings_a_second(hour) for hour in range(24)) * HOUR_SECONDS
    assert begun == pytest.approx(always_full.evenings_a_day)
    assert begun == pytest.approx(60_000 * DAY_SECONDS / always_full.sitting_seconds)


def test_one_node_may_be_gone_and_the_others_keep_up() -> None:
    for clubs in (1, 30, 1000):
        found = plan(replace(Chain(), clubs=clubs), COSTS, seconds=20)
        assert found.nodes >= 2
        assert found.busy <= BUSIEST_SHARE
        assert found.returning_ms >= found.waits_ms >= 0
    assert fewest_nodes(Chain(), replace(COSTS, password_seconds=0.6)) > fewest_nodes(
        Chain(), COSTS
    )


def test_needs_grow_with_the_clubs_and_no_faster() -> None:
    ten, hundred, thousand = growth(COSTS, clubs=(10, 100, 1000))
    assert ten.nodes <= hundred.nodes <= thousand.nodes <= 10 * hundred.nodes
    assert thousand.kept_gb_a_month == pytest.approx(100 * ten.kept_gb_a_month)
    assert thousand.transactions_a_second == pytest.approx(10 * hundred.transactions_a_second)
    assert len([*plans_written([ten, hundred]), *costs_written(COSTS)]) > 10


@pytest.mark.parametrize("mean", [0.2, 3.0, 80.0])
def test_arrivals_are_as_many_as_they_should_be(mean: float) -> None:
    chance = random.Random(5)
    drawn = [poisson(mean, chance) for _ in range(4000)]
    average = sum(drawn) / len(drawn)
    spread = sum((one - average) ** 2 for one in drawn) / len(drawn)
    assert average == pytest.approx(mean, rel=0.1)
    assert spread == pytest.approx(mean, rel=0.15)
