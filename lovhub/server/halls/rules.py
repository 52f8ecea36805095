"""Names, order and numbers in the hall: pure decisions."""

from collections.abc import Sequence

from lovhub.server.computers.rules import LARGEST_NUMBER, SMALLEST_NUMBER, NaturalKey, standing

LONGEST_NAME = 40


def name_problem(name: str, taken: Sequence[str]) -> str:
    """Why a hall or a zone cannot have this name; "" if it can. `taken`: names beside it."""
    if not name:
        return "name_missing"
    if len(name) > LONGEST_NAME:
        return "hall_name_too_long"
    return "name_taken" if name.casefold() in {other.casefold() for other in taken} else ""


def moved(order: Sequence[int], which: int, places: int) -> list[int]:
    """`which` goes so many places on (or back, if negative), and no further than the end."""
    rest = [one for one in order if one != which]
    goal = min(max(order.index(which) + places, 0), len(rest))
    return [*rest[:goal], which, *rest[goal:]]


def numbers(computers: Sequence[tuple[int, int | None, str]], first: int) -> dict[int, int]:
    """Consecutive numbers from `first` for PCs given as (id, number now, name), in the order they stand."""

    def key(computer: tuple[int, int | None, str]) -> tuple[tuple[int, NaturalKey], int]:
        computer_id, number, name = computer
        return standing(number, name), computer_id

    ordered = sorted(computers, key=key)
    return {computer[0]: first + place for place, computer in enumerate(ordered)}


def numbers_problem(count: int, first: int) -> str:
    """Why so many PCs cannot be numbered from `first`; "" if they can."""
    fits = first >= SMALLEST_NUMBER and first + count - 1 <= LARGEST_NUMBER
    return "" if fits else "computer_number_out_of_range"
