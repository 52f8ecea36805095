"""What every page took: kept as a file, and shown as tables for docs/pages.md.

python -m bench.pages_written    the tables of the last measurement, as Markdown
"""

import json
import sys
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from bench.command import this_machine
from bench.pages import Walk

RESULTS = Path(__file__).parent / "results" / "pages.json"
LIMIT_MS = 100


def keep(seen: Walk, path: Path = RESULTS) -> None:
    """Write it down."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(_written(seen), ensure_ascii=False, indent=1) + "\n", "utf-8")


def _written(seen: Walk) -> dict[str, Any]:
    return {
        "machine": this_machine(),
        "scale": asdict(seen.full),
        "smaller_launches": seen.smaller,
        "filled_seconds": seen.filled_seconds,
        "sums": [
            {
                "name": one.name,
                "ours_ms": median(one.ours_ms),
                "statement_ms": median(one.statement_ms),
                "times": round(one.times, 2),
            }
            for one in seen.sums
        ],
        "pages": [
            {
                "name": row.page.name,
                "address": row.page.path,
                "full": _taken(row.full),
                "empty": _taken(row.empty),
                "smaller_computing_ms": [one.computing_ms for one in row.smaller],
            }
            for row in seen.rows
        ],
    }


def _taken(taken: Any) -> dict[str, float]:
    return {name: getattr(taken, name) for name in ("median_ms", "worst_ms", "computing_ms")}


def tables(kept: dict[str, Any]) -> list[str]:
    """What grows, the sums, and all pages; what is over the limit is bold."""
    return [*growth(kept), "", *sums(kept), "", *pages(kept)]


def growth(kept: dict[str, Any]) -> list[str]:
    """How cost grows with what has gathered: of each part of the admin, its slowest page at each size."""
    sizes = [*kept["smaller_launches"], kept["scale"]["launches"]]
    parts: defaultdict[str, list[list[float]]] = defaultdict(list)
    for page in kept["pages"]:
        if page["smaller_computing_ms"]:
            parts[_part(page["address"])].append(
                [*page["smaller_computing_ms"], page["full"]["computing_ms"]]
            )
    lines = [
        "| Part | "
        + " | ".join(f"{size:,} launches, ms" for size in sizes)
        + " | ×100 rows: times |",
        "|---|" + "--:|" * (len(sizes) + 1),
    ]
    for part, rows in parts.items():
        slowest = [max(column) for column in zip(*rows, strict=True)]
        lines.append(
            f"| {part} | "
            + " | ".join(f"{one:.0f}" for one in slowest)
            + f" | {slowest[-1] / slowest[0]:.1f} |"
        )
    return lines


def _part(address: str) -> str:
    return (
        address.split("?", maxsplit=1)[0].removeprefix("/admin").strip("/").split("/")[0]
        or "dashboard"
    )


def sums(kept: dict[str, Any]) -> list[str]:
    """Reports beside one statement."""
    return [
        "| Sums | ours, ms | one SQL statement, ms | times |",
        "|---|--:|--:|--:|",
        *(
            f"| {one['name']} | {one['ours_ms']:.1f} | {one['statement_ms']:.1f} | {one['times']:.2f} |"
            for one in kept["sums"]
        ),
    ]


def pages(kept: dict[str, Any]) -> list[str]:
    """What computes longest first."""
    lines = [
        "| Page | computing, ms | median, ms | worst, ms | empty club, computing, ms | times |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for page in sorted(kept["pages"], key=lambda page: -page["full"]["computing_ms"]):
        full, empty = page["full"], page["empty"]["computing_ms"]
        ours = full["computing_ms"]
        marked = f"**{ours}**" if ours > LIMIT_MS else f"{ours}"
        lines.append(
            f"| {page['name']} | {marked} | {full['median_ms']} | {full['worst_ms']} "
            f"| {empty} | {ours / empty:.1f} |"
        )
    return lines


if __name__ == "__main__":
    sys.stdout.write("\n".join(tables(json.loads(RESULTS.read_text("utf-8")))) + "\n")
