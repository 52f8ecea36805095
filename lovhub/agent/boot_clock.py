"""The agent's clock: counts through sleep, and alike in every process of one boot."""

from lovhub.agent.platform import boot_monotonic
from lovhub.clock import SystemClock


class BootClock(SystemClock):
    """The system's clock, whose monotonic half is the time since the boot.

    A session is taken up by a restarted agent at the moment another process wrote down; so the
    moments of both must be on one scale.
    """

    def monotonic(self) -> float:
        """Seconds since the boot, sleep included."""
        return boot_monotonic()
