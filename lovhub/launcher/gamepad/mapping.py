"""From the state of a pad to what is meant: pure, given the time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Direction = Literal["up", "down", "left", "right"]
Deed = Literal["up", "down", "left", "right", "press", "back", "x", "y", "previous", "next"]
"""`previous`, `next`: the tab beside. What `x` and `y` do depends on what is in front."""

DIRECTIONS: tuple[Direction, ...] = get_args(Direction)

BUTTONS: Mapping[str, Deed] = {
    "a": "press",
    "b": "back",
    "x": "x",
    "y": "y",
    "left_shoulder": "previous",
    "right_shoulder": "next",
    "up": "up",
    "down": "down",
    "left": "left",
    "right": "right",
}
"""What each button means; the others mean nothing."""

PUSHED = 0.6
LET_GO = 0.4
"""A stick counts from the one and until the other: resting on the edge it does not flutter."""

FIRST_REPEAT_SECONDS = 0.4
NEXT_REPEAT_SECONDS = 0.13


@dataclass(frozen=True)
class PadState:
    """A pad at this moment: the buttons held, and the left stick from -1 to 1, right and down being positive."""

    buttons: frozenset[str] = frozenset()
    x: float = 0.0
    y: float = 0.0


class Mapper:
    """One pad's way from states to deeds. A button counts when it is pressed; directions repeat while held."""

    def __init__(self) -> None:
        self._held: frozenset[str] | None = None
        self._stick: Direction | None = None
        self._going: Direction | None = None
        self._repeats_at = 0.0

    def step(self, state: PadState, now: float) -> tuple[Deed, ...]:
        """What this state asks for now.

        What is held when the pad is first seen counts only after it was let go: it was meant for the game before.
        """
        self._stick = _direction(state, self._stick)
        held = state.buttons | ({self._stick} if self._stick else frozenset())
        before, self._held = self._held, held
        if before is None:
            self._going = None
            return ()
        deeds = [
            deed
            for button, deed in BUTTONS.items()
            if button in held - before and deed not in DIRECTIONS
        ]
        going = next((one for one in DIRECTIONS if one in held - before), None)
        if going is not None:
            self._going, self._repeats_at = going, now + FIRST_REPEAT_SECONDS
            deeds.append(going)
        elif self._going is None or self._going not in held:
            self._going = None
        elif now >= self._repeats_at:
            self._repeats_at = now + NEXT_REPEAT_SECONDS
            deeds.append(self._going)
        return tuple(deeds)

    def forget(self) -> None:
        """Nobody looked for a while: what is held next is not meant for us."""
        self._held = self._stick = self._going = None


def _direction(state: PadState, before: Direction | None) -> Direction | None:
    """Where the stick is pushed; the way it went before needs less of a push to go on."""
    along, across = abs(state.x), abs(state.y)
    if max(along, across) < LET_GO:
        return None
    ahead: Direction = "right" if state.x > 0 else "left"
    upright: Direction = "down" if state.y > 0 else "up"
    found = ahead if along > across else upright
    return found if found == before or max(along, across) >= PUSHED else None
