"""Watching the computer's own clock: billing is deaf to it, but whoever moves it wants something."""

from lovhub.clock import Clock

JUMP_SECONDS = 5.0


class ClockWatch:
    """Compares, at each look, how far the wall clock and the billing clock have come since the one before."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._difference = self._look()
        self._untold = 0.0

    def moved_seconds(self) -> int:
        """How far the wall clock was moved (negative: back) and not yet `told`; 0 for what is drift."""
        difference = self._look()
        if abs(difference - self._difference) > JUMP_SECONDS:
            # The two clocks are read one after the other; the whole process may have stood still between.
            difference = self._look()
        step = difference - self._difference
        self._difference = difference
        if abs(step) > JUMP_SECONDS:
            self._untold += step
        return round(self._untold)

    def told(self) -> None:
        """The alarm stands in the database."""
        self._untold = 0.0

    def behind_seconds(self, last_stored_at: int) -> int:
        """How far the wall clock is behind an instant already written down; 0 if it is not, or hardly."""
        behind = last_stored_at - self._clock.wall()
        return round(behind) if behind > JUMP_SECONDS else 0

    def _look(self) -> float:
        return self._clock.wall() - self._clock.now()
