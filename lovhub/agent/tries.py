"""Tries at this PC's lock, counted on disk before they are looked at.

Neither a restart nor a pulled plug gives any back.
"""

from lovhub.agent.journal import Journal
from lovhub.clock import Clock

FREE_TRIES = 3
FIRST_WAIT_SECONDS = 30.0
LONGEST_WAIT_SECONDS = 900.0


def wait_seconds(tries: int) -> float:
    """How long nothing more may be typed after so many wrong tries in a row: twice as long after each."""
    if tries < FREE_TRIES:
        return 0.0
    doublings = min(tries - FREE_TRIES, 20)
    return min(FIRST_WAIT_SECONDS * 2.0**doublings, LONGEST_WAIT_SECONDS)


class Tries:
    """`fact`: under which name the journal remembers them."""

    def __init__(self, journal: Journal, clock: Clock, fact: str) -> None:
        self._journal = journal
        self._clock = clock
        self.fact = fact
        # A restart begins the wait anew: it would otherwise be the way around it.
        self._waits_until = clock.monotonic() + wait_seconds(self._count())

    @property
    def must_wait(self) -> bool:
        """Whether nothing may be typed now."""
        return self._clock.monotonic() < self._waits_until

    def begin(self) -> int:
        """One more; returns how many in a row. Raises sqlite3.Error where the disk does not take it."""
        tries = self._count() + 1
        self._journal.remember(self.fact, str(tries))
        return tries

    def was_wrong(self, tries: int) -> None:
        """The one that was begun as this one."""
        self._waits_until = self._clock.monotonic() + wait_seconds(tries)

    def start_afresh(self) -> None:
        """What was wrong before counts no more. Raises sqlite3.Error."""
        self._waits_until = self._clock.monotonic()
        if self._count():
            self._journal.remember(self.fact, "0")

    def _count(self) -> int:
        return int(self._journal.fact(self.fact) or 0)
