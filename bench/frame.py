"""What a measure is, and what it gives.

A measure takes ours and what stands beside it by turns, several times; the medians count. `baseline` is what people
would use instead, `limit` what cannot be beaten by much; where one thing is both, it stands in both. Ratios are the
result: ours / other.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


class LeftOut(Exception):
    """What the measure needs is not on this machine; the sentence says what."""


@dataclass(frozen=True)
class Run:
    """One turn: ours, and what stands beside it. `details`: what else was seen."""

    ours: float
    baseline: float
    limit: float
    details: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """A measure that was taken. `goal`: for people, with the ratio that it speaks of."""

    measure: str
    unit: str
    goal: str
    runs: Sequence[Run]

    @property
    def ours(self) -> float:
        """The median of ours."""
        return statistics.median(run.ours for run in self.runs)

    @property
    def baseline(self) -> float:
        """The median of what people would use instead."""
        return statistics.median(run.baseline for run in self.runs)

    @property
    def limit(self) -> float:
        """The median of what cannot be beaten by much."""
        return statistics.median(run.limit for run in self.runs)

    def written(self) -> dict[str, object]:
        """As it stands in the file of results."""
        return {
            "measure": self.measure,
            "ours": rounded(self.ours),
            "baseline": rounded(self.baseline),
            "limit": rounded(self.limit),
            "unit": self.unit,
            "ratio_to_baseline": rounded(self.ours / self.baseline),
            "ratio_to_limit": rounded(self.ours / self.limit),
            "runs": [
                {
                    "ours": rounded(run.ours),
                    "baseline": rounded(run.baseline),
                    "limit": rounded(run.limit),
                    **{name: rounded(value) for name, value in run.details.items()},
                }
                for run in self.runs
            ],
        }


Take = Callable[[], Sequence[Result]]
"""Measures; ends by itself, and leaves nothing behind. Raises LeftOut."""


def rounded(value: float) -> float:
    """Four figures that count: more would be noise."""
    return float(f"{value:.4g}")


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which so many of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
