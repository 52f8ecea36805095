"""`pages`, `computers_page` and `reports`: the web admin of a large club (see `bench.pages`)."""

from collections.abc import Sequence

from bench import pages_written
from bench.frame import Result, Run
from bench.pages import Row, Walk, walk

LIMIT_MS = 100.0
COMPUTERS_LIMIT_MS = 20.0
COMPUTERS = "/admin/computers"


def take() -> Sequence[Result]:
    """Take all three; what each page took is written beside them."""
    seen = walk()
    pages_written.keep(seen)
    return results(seen)


def results(seen: Walk) -> list[Result]:
    """The slowest page stands for all; what else must be known of them is in the details."""
    slowest = max(seen.rows, key=lambda row: row.full.computing_ms)
    steepest = max(seen.rows, key=lambda row: row.times)
    computers = next(row for row in seen.rows if row.page.path == COMPUTERS)
    worst = max(seen.sums, key=lambda one: one.times)
    over = [row for row in seen.rows if row.full.computing_ms > LIMIT_MS]
    details = {
        "pages": float(len(seen.rows)),
        "pages_over_100_ms": float(len(over)),
        "pages_over_twice_the_empty_clubs": float(sum(row.times > 2 for row in seen.rows)),
        "largest_ratio_to_an_empty_club": steepest.times,
    }
    return [
        Result(
            "pages", "ms of computing",
            f"< 100 ms, ≤ 2 × the empty club's; slowest of {len(seen.rows)}: {slowest.page.name}",
            _runs(slowest, LIMIT_MS, details),
        ),
        Result(
            "computers_page", "ms of computing", "≤ 20 ms",
            _runs(computers, COMPUTERS_LIMIT_MS, {}),
        ),
        Result(
            "reports", "ms of computing", f"≤ 3 × one SQL statement; slowest of {len(seen.sums)}: {worst.name}",
            [
                Run(ours, statement, statement)
                for ours, statement in zip(worst.ours_ms, worst.statement_ms, strict=True)
            ],
        ),
    ]  # fmt: skip


def _runs(row: Row, limit_ms: float, details: dict[str, float]) -> list[Run]:
    return [
        Run(ours, empty, limit_ms, details)
        for ours, empty in zip(row.full.runs_ms, row.empty.runs_ms, strict=True)
    ]
