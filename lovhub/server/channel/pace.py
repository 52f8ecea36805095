"""How much a PC may say. What is more comes from a stolen token or a broken agent, and must not drown the club.

Counted by PC and not by connection, in memory; heartbeats are not counted at all.
"""

from dataclasses import dataclass

from lovhub.clock import Clock
from lovhub.protocol.channel import ClientFrame, CommandResult, Hardware, Hello, Journal
from lovhub.protocol.entries import JournalEntry
from lovhub.protocol.message import Message
from lovhub.protocol.questions import CallDesk
from lovhub.protocol.updates import UpdateWanted

WINDOW_SECONDS = 60

MOST_IN_WINDOW: dict[type[Message], int] = {
    Hello: 60,
    Hardware: 20,
    CallDesk: 20,
    Journal: 300,
    CommandResult: 300,
    UpdateWanted: 1000,
}
"""Frames of a kind in a minute, each many times what a PC sends on its worst day."""

MOST_OTHERS_IN_WINDOW = 120
"""What a person at the PC asks for: sign-ins, sales."""

MOST_ENTRIES_IN_WINDOW = 3000
"""Facts of journals in a minute. A frame holds fewer, so that a long journal always gets through in the end."""

TOLD_AGAIN_AFTER_SECONDS = 600


@dataclass
class _Count:
    since: float
    count: int = 0


class Pace:
    """Counts frames; on the event loop only."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: dict[tuple[int, type], _Count] = {}
        self._told_at: dict[int, float] = {}

    def allows(self, computer_id: int, frame: ClientFrame) -> bool:
        """Count a frame; False if there have been too many of its kind."""
        kind = type(frame)
        allowed = self._count(computer_id, kind, 1, MOST_IN_WINDOW.get(kind, MOST_OTHERS_IN_WINDOW))
        if isinstance(frame, Journal):
            entries = len(frame.entries)
            allowed &= self._count(computer_id, JournalEntry, entries, MOST_ENTRIES_IN_WINDOW)
        return allowed

    def is_news(self, computer_id: int) -> bool:
        """Whether people should be told of this PC now: once in a while, however long it goes on."""
        now = self._clock.monotonic()
        if (
            now - self._told_at.get(computer_id, -TOLD_AGAIN_AFTER_SECONDS)
            < TOLD_AGAIN_AFTER_SECONDS
        ):
            return False
        self._told_at[computer_id] = now
        return True

    def _count(self, computer_id: int, kind: type, number: int, most: int) -> bool:
        now = self._clock.monotonic()
        count = self._counts.get((computer_id, kind))
        if count is None or now - count.since >= WINDOW_SECONDS:
            count = self._counts[computer_id, kind] = _Count(now)
        count.count += number
        return count.count <= most
