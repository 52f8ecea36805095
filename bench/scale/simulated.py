"""The busiest hour of a Saturday in many clubs: what arrives, what it costs, and how many nodes keep up with it.

Arrivals are independent of each other, so that each moment holds a Poisson number of each kind. A PC keeps to its node,
so that each node of one core is a queue of its own: what it cannot do in a moment waits for the next one. Costs are
measured (`costs.py`); how people behave is assumed, and stands in `Chain`.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.scale.costs import Costs

HOUR_SECONDS = 3600
DAY_SECONDS = 24 * HOUR_SECONDS
MONTH_DAYS = 30

SATURDAY = (
    0.45, 0.40, 0.35, 0.30, 0.22, 0.15, 0.10, 0.08, 0.08, 0.10, 0.15, 0.22,
    0.32, 0.42, 0.52, 0.60, 0.66, 0.72, 0.80, 0.86, 0.88, 0.85, 0.75, 0.58,
)  # fmt: skip
"""The part of all PCs that is played on, by hour of the day."""

BUSIEST_SHARE = 0.6
"""How busy a core may be in the busiest minute with one node gone: above it, whoever comes waits noticeably."""

MOMENT_SECONDS = 0.01

BACK_IN_SECONDS = 30.0
"""Within this the PCs of a node that died want back in: their pause before a new try is random, 15 s at most."""


@dataclass(frozen=True)
class Chain:
    """What there is, and how people behave."""

    clubs: int = 1000
    computers: int = 60
    played_by_hour: tuple[float, ...] = SATURDAY
    sitting_seconds: float = 2 * HOUR_SECONDS
    heartbeat_seconds: float = 10.0
    on_seconds_a_day: float = 16 * HOUR_SECONDS
    pages_a_minute: float = 4.0
    """What one club's desk opens while it is open."""

    @property
    def all_computers(self) -> int:
        """The PCs of all clubs."""
        return self.clubs * self.computers

    @property
    def evenings_a_day(self) -> float:
        """Sittings of a Saturday, in all clubs."""
        played = sum(self.played_by_hour) / 24 * DAY_SECONDS * self.all_computers
        return played / self.sitting_seconds

    def evenings_a_second(self, hour: int) -> float:
        """How many begin: as many as end, and those by which the clubs fill up."""
        now, then = self.played_by_hour[hour], self.played_by_hour[(hour + 1) % 24]
        filling = max(0.0, then - now) / HOUR_SECONDS
        return self.all_computers * (now / self.sitting_seconds + filling)

    def busiest_hour(self) -> int:
        """When most evenings begin."""
        return max(range(24), key=self.evenings_a_second)


@dataclass(frozen=True)
class Rates:
    """What one node is asked for, a second."""

    heartbeats: float
    evenings: float
    pages: float
    hellos: float = 0.0


@dataclass(frozen=True)
class Plan:
    """What such a chain needs. `nodes`: of one core each, one of which may be gone; `busy`: the others' share then.

    `waits_ms`: what 999 of 1,000 moments find before them in a node's queue; `returning_ms`: the same while the PCs of
    a node that has died come back to the others.
    """

    chain: Chain
    nodes: int
    busy: float
    waits_ms: float
    returning_ms: float
    node_memory_gb: float
    postgres_cores: float
    transactions_a_second: float
    wal_mb_a_second: float
    kept_gb_a_month: float


def rates(chain: Chain, nodes: int) -> Rates:
    """Of the busiest hour, where so many nodes share the work evenly."""
    return Rates(
        heartbeats=chain.all_computers / chain.heartbeat_seconds / nodes,
        evenings=chain.evenings_a_second(chain.busiest_hour()) / nodes,
        pages=chain.clubs * chain.pages_a_minute / 60 / nodes,
    )


def busy(asked: Rates, chain: Chain, costs: Costs, nodes: int) -> float:
    """The part of a core that this takes, the live pages of the desks included."""
    return (
        asked.heartbeats * costs.heartbeat_seconds
        + asked.evenings * (costs.evening.node_seconds + costs.password_seconds)
        + asked.pages * costs.page_seconds
        + asked.hellos * costs.hello_seconds
        + chain.all_computers / nodes * costs.live_seconds_a_computer
    )


def fewest_nodes(chain: Chain, costs: Costs) -> int:
    """So many that one may be gone and the others stay below `BUSIEST_SHARE`."""
    all_of_it = busy(rates(chain, 1), chain, costs, 1)
    return max(1, math.ceil(all_of_it / BUSIEST_SHARE)) + 1


def plan(chain: Chain, costs: Costs, *, seed: int = 1, seconds: int = 300) -> Plan:
    """What it needs in its busiest hour with one node gone."""
    nodes = fewest_nodes(chain, costs)
    working = nodes - 1
    asked = rates(chain, working)
    hellos = chain.all_computers / nodes / working / BACK_IN_SECONDS
    begun = chain.evenings_a_second(chain.busiest_hour())
    return Plan(
        chain=chain,
        nodes=nodes,
        busy=busy(asked, chain, costs, working),
        waits_ms=1000 * _waits(asked, chain, costs, working, seed, seconds),
        returning_ms=1000
        * _waits(replace(asked, hellos=hellos), chain, costs, working, seed, int(BACK_IN_SECONDS)),
        node_memory_gb=chain.all_computers / working * costs.computer_bytes / 1e9,
        postgres_cores=begun * costs.evening.postgres_seconds / BUSIEST_SHARE,
        transactions_a_second=begun * costs.evening.transactions,
        wal_mb_a_second=begun * costs.evening.wal_bytes / 1e6,
        kept_gb_a_month=chain.evenings_a_day * MONTH_DAYS * costs.evening.kept_bytes / 1e9,
    )


def moments(
    asked: Rates, chain: Chain, costs: Costs, nodes: int, seed: int, seconds: int
) -> Iterator[float]:
    """The work that comes to one node in each moment, in seconds of computing."""
    chance = random.Random(seed)
    steady = chain.all_computers / nodes * costs.live_seconds_a_computer * MOMENT_SECONDS
    kinds = (
        (asked.heartbeats, costs.heartbeat_seconds),
        (asked.evenings, costs.evening.node_seconds + costs.password_seconds),
        (asked.pages, costs.page_seconds),
        (asked.hellos, costs.hello_seconds),
    )
    for _ in range(round(seconds / MOMENT_SECONDS)):
        yield steady + sum(
            poisson(rate * MOMENT_SECONDS, chance) * cost for rate, cost in kinds if rate
        )


def _waits(asked: Rates, chain: Chain, costs: Costs, nodes: int, seed: int, seconds: int) -> float:
    behind, waited = 0.0, []
    for work in moments(asked, chain, costs, nodes, seed, seconds):
        waited.append(behind)
        behind = max(0.0, behind + work - MOMENT_SECONDS)
    waited.sort()
    return waited[int(len(waited) * 0.999)]


def growth(costs: Costs, *, clubs: tuple[int, ...] = (1, 10, 100, 1000, 10_000)) -> list[Plan]:
    """The same for fewer and for more clubs."""
    return [plan(replace(Chain(), clubs=count), costs) for count in clubs]


def poisson(mean: float, chance: random.Random) -> int:
    """A Poisson number; from 50 on by the normal distribution, which is within a percent of it there."""
    if mean > 50:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count
