"""Watching the computer's own clock: billing is deaf to it, but whoever moves it wants something."""

from lovhub.clock import Clock

JUMP_SECONDS = 5.0


class ClockWatch:
    """Compares how far the wall clock and the billing clock have come since the last look."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._difference = clock.wall() - clock.now()

    def moved_seconds(self) -> int:
        """How far the wall clock was moved since the last look (negative: back); 0 for what is drift."""
        difference = self._clock.wall() - self._clock.now()
        moved = difference - self._difference
        if abs(moved) <= JUMP_SECONDS:
            return 0
        self._difference = difference
        return round(moved)
