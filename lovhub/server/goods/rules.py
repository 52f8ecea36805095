"""What goods and their sales may be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HIGHEST_PRICE_TIYN = 1_000_000_00
LARGEST_QUANTITY = 100
LARGEST_SALE_TIYN = 10_000_000_00


@dataclass(frozen=True)
class Line:
    """So many of a good."""

    good_id: int
    quantity: int


def problems(title: str, price_tiyn: int) -> dict[str, str]:
    """What is wrong with a good: field → code."""
    found = {}
    if not 1 <= len(title.strip()) <= 60:
        found["title"] = "title_malformed"
    if not 0 < price_tiyn <= HIGHEST_PRICE_TIYN:
        found["price"] = "good_price_out_of_range"
    return found


def sale_problem(lines: Sequence[Line], prices: Mapping[int, int], expected_tiyn: int) -> str:
    """Why this is no sale: a code; "" when it is one. `prices`: of what is sold now, by the good's id."""
    if not lines:
        return "nothing_chosen"
    if len({line.good_id for line in lines}) < len(lines) or any(
        not 0 < line.quantity <= LARGEST_QUANTITY for line in lines
    ):
        return "quantity_out_of_range"
    if any(line.good_id not in prices for line in lines):
        return "good_not_available"
    total = total_tiyn(lines, prices)
    if total > LARGEST_SALE_TIYN:
        return "quantity_out_of_range"
    return "" if total == expected_tiyn else "price_changed"


def total_tiyn(lines: Sequence[Line], prices: Mapping[int, int]) -> int:
    """What it costs."""
    return sum(prices[line.good_id] * line.quantity for line in lines)
