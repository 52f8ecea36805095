"""Two machines with one token: it was stolen, or a disk was copied with its pairing. They push each other off the line.

Counted in memory, on the event loop only. One change of address is a cable in another socket; there and back again,
each time from a living link, is two machines.
"""

from lovhub.clock import Clock
from lovhub.server.context import ClubContext
from lovhub.server.journal import service as journal

TOLD_AGAIN_AFTER_SECONDS = 3600


class Doubles:
    """Notices links of one PC that push each other off."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pushed_off: dict[int, str] = {}
        self._told_at: dict[int, float] = {}

    def is_news(self, computer_id: int, *, before: str, now: str) -> bool:
        """A link from `now` takes the place of a living one from `before`: whether people should hear of it."""
        if before == now:
            return False
        is_back = self._pushed_off.get(computer_id) == now
        self._pushed_off[computer_id] = before
        at = self._clock.monotonic()
        told_at = self._told_at.get(computer_id)
        if not is_back or (told_at is not None and at - told_at < TOLD_AGAIN_AFTER_SECONDS):
            return False
        self._told_at[computer_id] = at
        return True


def note_doubled(club: ClubContext, computer_id: int) -> None:
    """Two machines say that they are this PC."""
    with club.write() as work:
        journal.raise_alarm(work, "computer_doubled", computer_id=computer_id)
