"""A bill that is paid in several ways at once: what each part pays for. Decisions only."""

from collections.abc import Sequence
from dataclasses import dataclass

IN_PARTS = "split"
"""The name of this way of paying where others are «cash» or «card»."""

ORDER = ("kaspi", "card", "cash")
"""In which order the parts are used up."""


@dataclass(frozen=True)
class Part:
    """So much in one way."""

    method: str
    amount_tiyn: int


def parts_problem(parts: Sequence[Part], amount_tiyn: int) -> str:
    """Why these parts do not pay this amount; "" if they do, exactly."""
    methods = [part.method for part in parts]
    if len(set(methods)) != len(methods) or not set(methods) <= set(ORDER):
        return "payment_method_unknown"
    if any(part.amount_tiyn <= 0 for part in parts):
        return "parts_differ"
    return "" if sum(part.amount_tiyn for part in parts) == amount_tiyn else "parts_differ"


def in_order(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts as they are used up."""
    return tuple(sorted(parts, key=lambda part: ORDER.index(part.method)))


def cash_of(parts: Sequence[Part]) -> int:
    """What of it is cash: only of this is change given."""
    return sum(part.amount_tiyn for part in parts if part.method == "cash")


def posting_key(key: str, number: int) -> str:
    """The key of an operation's posting: the first has the operation's own, so that it is made once."""
    return key if number == 1 else f"{key}:{number}"
