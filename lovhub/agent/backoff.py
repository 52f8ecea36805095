"""How long to wait before the next attempt to reach the server."""

import random

FIRST_SECONDS = 0.2
CAP_SECONDS = 15.0
BYE_JITTER = 0.5
"""Asked to come back in N seconds, a PC waits N to N × 1.5: not all return in one instant."""


class Backoff:
    """Exponential with full jitter: a server that comes back is not met by all PCs at once."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._failures = 0

    def reset(self) -> None:
        """The server was reached."""
        self._failures = 0

    def next_seconds(self) -> float:
        """The wait before the next attempt, in real seconds."""
        return self._chance.uniform(0, self._next_longest())

    def after_bye(self, reconnect_after_seconds: int) -> float:
        """The wait that the server asked for; ever longer for who is sent away again and again, as if none were there.

        Servers that have all lost their database send everybody on to each other.
        """
        asked = max(0.0, min(60.0, float(reconnect_after_seconds)))
        most = max(FIRST_SECONDS + BYE_JITTER * asked, self._next_longest())
        return asked + self._chance.uniform(FIRST_SECONDS / 2, most)

    def _next_longest(self) -> float:
        """The most to wait now, in seconds; the next time twice that, up to a cap."""
        longest = min(CAP_SECONDS, FIRST_SECONDS * 2.0 ** min(self._failures, 16))
        self._failures += 1
        return longest
