"""Where the focus goes from here in one direction: pure, with rectangles."""

from collections.abc import Sequence
from typing import NamedTuple

from lovhub.launcher.gamepad.mapping import Direction

ASIDE = 3
"""What lies aside is as far as if it lay so many times farther ahead."""

FAR = 100_000
"""Farther than any screen is wide."""


class Place(NamedTuple):
    """Where something is on the screen."""

    left: int
    top: int
    right: int
    bottom: int


def nearest(start: Place, places: Sequence[Place], direction: Direction) -> int | None:
    """Which of these comes next in this direction; None: there is none, and the focus stays."""
    best: tuple[int, int] | None = None
    for number, place in enumerate(places):
        distance = _distance(_turned(start, direction), _turned(place, direction))
        if distance is not None and (best is None or distance < best[0]):
            best = (distance, number)
    return None if best is None else best[1]


def _turned(place: Place, direction: Direction) -> Place:
    """As if the way led to the right."""
    if direction == "right":
        return place
    if direction == "left":
        return Place(-place.right, place.top, -place.left, place.bottom)
    if direction == "down":
        return Place(place.top, place.left, place.bottom, place.right)
    return Place(-place.bottom, place.left, -place.top, place.right)


def _distance(start: Place, place: Place) -> int | None:
    """From edge to edge; None for what is not ahead: there, its middle lies beyond the edge."""
    if (place.left + place.right) // 2 <= start.right:
        return None
    ahead = max(0, place.left - start.right)
    aside = max(0, place.top - start.bottom, start.top - place.bottom)
    middle = abs((place.top + place.bottom) - (start.top + start.bottom)) // 8
    # What lies in line comes before all that lies aside, however far it is.
    return ahead + middle + (ASIDE * aside + FAR if aside else 0)
