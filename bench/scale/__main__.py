"""`python -m bench.scale`: play evenings on a PostgreSQL of our own, and print what chains of clubs need.

Takes its other costs from the last `lovhub bench`; about a minute. The words around the tables are in `docs/scale.md`.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from bench.measures.postings import postgres_on
from bench.processes import LOAD, SERVER, on_core
from bench.scale.costs import Costs, measured
from bench.scale.evenings import played
from bench.scale.simulated import Plan, growth
from lovhub.server.staff.passwords import hash_password, verify_password
from tests.support.postgres import running_postgres

EVENINGS = 300
FEWER_EVENINGS = 30
PASSWORDS = 5


def password_seconds() -> float:
    """What looking at one password costs."""
    kept = hash_password("correct horse battery")
    began = time.process_time()
    for _ in range(PASSWORDS):
        verify_password(kept, "correct horse battery")
    return (time.process_time() - began) / PASSWORDS


def costs() -> Costs:
    """Measure what an evening costs; the rest is read."""
    with on_core(LOAD), ExitStack() as stack:
        with on_core(SERVER):
            server = stack.enter_context(running_postgres(durable=True))
        make = postgres_on(server)
        played(server, make(), FEWER_EVENINGS)  # what is put into words once
        evening = played(server, make(), EVENINGS)
    return measured(evening, password_seconds=password_seconds())


def costs_written(costs: Costs) -> Iterator[str]:
    """A table of what one of each costs."""
    evening = costs.evening
    yield "| What | costs |"
    yield "|---|--:|"
    yield f"| a heartbeat, ms of a node | {1000 * costs.heartbeat_seconds:.3f} |"
    yield f"| a hello, ms of a node | {1000 * costs.hello_seconds:.1f} |"
    yield f"| a password, ms of a node | {1000 * costs.password_seconds:.0f} |"
    yield f"| a page of the desk, ms of a node | {1000 * costs.page_seconds:.0f} |"
    yield f"| one PC on a live page, ms of a node an hour | {3.6e6 * costs.live_seconds_a_computer:.1f} |"
    yield f"| a linked PC, KiB of a node | {costs.computer_bytes / 1024:.0f} |"
    yield f"| an evening, ms of a node | {1000 * evening.node_seconds:.1f} |"
    yield f"| an evening, ms of PostgreSQL | {1000 * evening.postgres_seconds:.1f} |"
    yield f"| an evening, transactions | {evening.transactions:.1f} |"
    yield f"| an evening, statements | {evening.statements:.0f} |"
    yield f"| an evening, KB of PostgreSQL's log | {evening.wal_bytes / 1e3:.0f} |"
    yield f"| an evening, KB kept | {evening.kept_bytes / 1e3:.1f} |"


def plans_written(plans: Sequence[Plan]) -> Iterator[str]:
    """A table of what chains need."""
    yield (
        "| Clubs | PCs | nodes of a core | busy, one gone | 999 of 1,000 wait, ms | while a node's PCs return, ms"
        " | PCs in a node, GB | PostgreSQL, cores | transactions/s | log, MB/s | kept, GB a month |"
    )
    yield "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    for plan in plans:
        yield (
            f"| {plan.chain.clubs:,} | {plan.chain.all_computers:,} | {plan.nodes} | {plan.busy:.0%}"
            f" | {plan.waits_ms:.0f} | {plan.returning_ms:.0f} | {plan.node_memory_gb:.2f}"
            f" | {plan.postgres_cores:.2f} | {plan.transactions_a_second:,.0f}"
            f" | {plan.wal_mb_a_second:.2f} | {plan.kept_gb_a_month:,.1f} |"
        )


def main() -> None:
    """Print both tables."""
    found = costs()
    print("\n".join([*costs_written(found), "", *plans_written(growth(found))]))


if __name__ == "__main__":
    main()
