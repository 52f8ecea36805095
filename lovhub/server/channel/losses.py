"""PCs that go without a goodbye: when that says something of them, and when so many went at once that it does not."""

from collections import deque

from lovhub.clock import Clock
from lovhub.server.channel import rules


class Losses:
    """Memory only. After a start of the server, or where its loop stood still, nobody is judged for a while."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last_look = clock.monotonic()
        self._grace_until = self._last_look + rules.GRACE_SECONDS
        self._lost_at: deque[float] = deque(maxlen=1000)
        self._told_at: float | None = None

    @property
    def count(self) -> int:
        """How many of late."""
        return len(self._lost_at)

    @property
    def in_grace(self) -> bool:
        """Whether nobody may be judged at this moment."""
        return self._clock.monotonic() < self._grace_until

    def look(self) -> bool:
        """The same, asked twice a second: whoever asks late stood still."""
        now = self._clock.monotonic()
        if rules.is_stall(now - self._last_look):
            self._grace_until = now + rules.GRACE_SECONDS
        self._last_look = now
        return now < self._grace_until

    def note(self) -> None:
        """A PC went without a goodbye. After a start or a stall that says nothing about the PC."""
        now = self._clock.monotonic()
        if now >= self._grace_until and not rules.is_stall(now - self._last_look):
            self._lost_at.append(now)

    def are_many(self, *, of: int) -> bool:
        """Whether so many `of` all went at once that it must be told; true once a loss."""
        now = self._clock.monotonic()
        if not rules.is_mass_loss(list(self._lost_at), now=now, total=of):
            return False
        told, self._told_at = self._told_at, now
        return told is None or now - told > rules.MASS_LOSS_WINDOW_SECONDS * 2
