"""What is seen at several sizes, and how it grows from each to the next."""

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.growth.computing import Computing

STEEPEST = 1.2
"""n log n from a thousand to ten thousand is 1.13 in this measure, and what is measured is not that exact."""


@dataclass(frozen=True)
class Costs:
    """What one thing costs, by size."""

    name: str
    unit: str
    by_size: Mapping[int, float]

    @property
    def exponents(self) -> list[float]:
        """From each size to the next: 0 costs the same, 1 grows as the size does, 2 with its square."""
        return [
            math.log(self.by_size[larger] / self.by_size[smaller]) / math.log(larger / smaller)
            for smaller, larger in pairwise(sorted(self.by_size))
        ]

    @property
    def is_too_steep(self) -> bool:
        """Grows faster than n log n between the two largest: between small ones what does not grow hides it."""
        return bool(self.exponents) and self.exponents[-1] > STEEPEST


def table(costs: Sequence[Costs], counted: str) -> list[str]:
    """As Markdown: the cost at each size, then the exponents. `counted`: what the sizes are of."""
    sizes = sorted({size for one in costs for size in one.by_size})
    steps = [f"to {larger:,}" for _, larger in pairwise(sizes)]
    lines = [
        _row([counted, *(f"{size:,}" for size in sizes), "unit", *steps]),
        "|---|" + "--:|" * len(sizes) + "---|" + "--:|" * len(steps),
    ]
    for one in costs:
        seen = [shown(one.by_size[size]) if size in one.by_size else "" for size in sizes]
        grown = [f"{exponent:+.2f}" for exponent in one.exponents]
        grown += [""] * (len(steps) - len(grown))
        lines.append(_row([one.name, *seen, one.unit, *grown]))
    return lines


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def shown(value: float) -> str:
    """Three figures that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def gathered(taken: Mapping[int, Mapping[str, float]], units: Mapping[str, str]) -> list[Costs]:
    """What was taken size by size, as one `Costs` for each name of `units`."""
    return [
        Costs(name, unit, {size: seen[name] for size, seen in taken.items() if name in seen})
        for name, unit in units.items()
    ]


def median_ms(works: Iterable[Callable[[], object]], computing: Computing) -> float:
    """Milliseconds of computing that each of these takes, the median; the first warms up."""
    return statistics.median([1000 * computing(work) for work in works][1:])
