"""Documents for the tax office: «Fiscal documents» of `docs/billing.md`."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

WAYS = ("cash", "card", "kaspi")
VAT_PERCENT = 12


@dataclass(frozen=True)
class Paper:
    """What one operation took from a customer, or gave back, by way of paying in the order of WAYS."""

    kind: Literal["sale", "refund"]
    by_way: tuple[int, ...]

    @property
    def total(self) -> int:
        """Rule 3: what moved."""
        return sum(self.by_way)

    @property
    def vat(self) -> int:
        """Rule 3: what of it is tax, to the nearest tiyn, half a tiyn up."""
        whole = 100 + VAT_PERCENT
        tax, rest = divmod(self.total * VAT_PERCENT, whole)
        return tax + (2 * rest >= whole)


class Papers:
    """Rule 1: each operation makes one of what it took, and one of what it gave back."""

    def __init__(self) -> None:
        self.made: list[Paper] = []
        self._taken: Counter[str] = Counter()
        self._given: Counter[str] = Counter()
        self._depth = 0

    @contextmanager
    def operation(self) -> Iterator[None]:
        """All that moves within is one operation."""
        self._depth += 1
        yield
        self._depth -= 1
        if not self._depth:
            self._make("sale", self._taken)
            self._make("refund", self._given)

    def moved(self, way: str, amount: int) -> None:
        """So much came by this way; below zero, it went back."""
        assert self._depth, "money moves within operations only"
        if amount > 0:
            self._taken[way] += amount
        else:
            self._given[way] -= amount

    def _make(self, kind: Literal["sale", "refund"], sums: Counter[str]) -> None:
        if sums.total():
            self.made.append(Paper(kind, tuple(sums[way] for way in WAYS)))
        sums.clear()
