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
        ceiling = min(CAP_SECONDS, FIRST_SECONDS * 2.0 ** min(self._failures, 16))
        self._failures += 1
        return self._chance.uniform(0, ceiling)

    def after_bye(self, reconnect_after_seconds: int) -> float:
        """The wait that the server asked for."""
        asked = max(0.0, min(60.0, float(reconnect_after_seconds)))
        return asked + self._chance.uniform(FIRST_SECONDS / 2, FIRST_SECONDS + BYE_JITTER * asked)
