"""What a launcher's silence means: nothing, that it is not believed any more, or that it hangs."""

import math

from lovhub.clock import Clock

SILENT_SECONDS = 0.9
"""An attached launcher silent for so long is no longer believed: with a look each tenth of a second the desk hears of
it within a second. It speaks every half second, so 0.4 s are left to a PC that is busy."""

SETTLED_SECONDS = 2.0
"""One that was silent is believed again after it has spoken on for so long: a stammer is no news at each word."""

HUNG_SECONDS = 3.0
"""Silent for so long it is taken for hung and replaced. Not sooner: another one takes a loaded PC seconds to start, and
takes from the player what they had open; one that is only slow serves them better, and holds the screen better than
none."""

LATE_SECONDS = 0.5
"""A look that comes so late says something of the whole PC, not of the launcher: it may have spoken unheard."""

LATE_COUNTS_SECONDS = 0.1
"""So much of it counts all the same: whoever keeps the whole PC busy would keep a launcher that hangs, too."""

TOLD_AGAIN_SECONDS = 3600
"""Of a launcher that was silent and recovered the desk's log hears once in this time, however often it happens."""


class Silence:
    """Of one launcher after another. `clock`: real time; a hung launcher is hung in no other."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last_word = self._heard_until = clock.monotonic()
        self._doubted_until = -math.inf

    @property
    def is_doubted(self) -> bool:
        """Whether what it said last need not be true any more."""
        return self._seconds() > SILENT_SECONDS or self._clock.monotonic() < self._doubted_until

    @property
    def is_hung(self) -> bool:
        """Whether it is time to replace it."""
        return self._seconds() > HUNG_SECONDS

    def attached(self) -> None:
        """A launcher begins to speak."""
        self._last_word = self._heard_until = self._clock.monotonic()
        self._doubted_until = -math.inf

    def look(self) -> None:
        """To be called more often than every LATE_SECONDS: somebody listens."""
        now = self._clock.monotonic()
        self._last_word = now - self._seconds()
        self._heard_until = now

    def word(self) -> float:
        """It speaks; returns for how many seconds it had been silent if it was not believed for it, else 0."""
        seconds = self._seconds()
        self._last_word = self._heard_until = now = self._clock.monotonic()
        if seconds <= SILENT_SECONDS:
            return 0
        self._doubted_until = now + SETTLED_SECONDS
        return seconds

    def _seconds(self) -> float:
        unheard = self._clock.monotonic() - self._heard_until
        if unheard > LATE_SECONDS:
            unheard = LATE_COUNTS_SECONDS
        return self._heard_until - self._last_word + unheard


class Stalls:
    """Silences that ended by themselves: the first is told at once, and what follows it together."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told_at = -math.inf
        self._times = 0
        self._longest_seconds = 0

    def over(self, seconds: float) -> None:
        """The launcher speaks again after so long."""
        self._times += 1
        self._longest_seconds = max(self._longest_seconds, math.ceil(seconds))

    def to_tell(self) -> tuple[int, int] | None:
        """How often since it was told last, and the longest in seconds, rounded up; None: nothing is to be told."""
        now = self._clock.monotonic()
        if not self._times or now - self._told_at < TOLD_AGAIN_SECONDS:
            return None
        told = self._times, self._longest_seconds
        self._told_at, self._times, self._longest_seconds = now, 0, 0
        return told
