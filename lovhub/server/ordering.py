"""Putting a row of a list that people arrange at another place."""

from collections.abc import Sequence


def placed(ids: Sequence[int], moved: int, place: int) -> list[int]:
    """`ids` with `moved` at `place`, counted from 0; a place beyond the ends is the nearest end."""
    rest = [row_id for row_id in ids if row_id != moved]
    at = min(max(0, place), len(rest))
    return [*rest[:at], moved, *rest[at:]]
