"""What is done to the PC itself: switched off, made louder. Tests put something else in its place."""

from collections.abc import Sequence
from typing import Protocol

from lovhub import volume, waking
from lovhub.agent.platform import switch_off


class Machine(Protocol):
    """May take a second: not for the event loop. Each raises OSError where the system says no."""

    def switch_off(self, *, restart: bool) -> None:
        """Begin to shut down or restart; programs that do not end are ended. Returns before it is done."""
        ...

    def set_volume(self, percent: int) -> None:
        """Of everything that is heard here."""
        ...

    def wake(self, macs: Sequence[str]) -> None:
        """Have other PCs of this network switched on."""
        ...


class ThisMachine:
    """The PC on which this runs."""

    def switch_off(self, *, restart: bool) -> None:
        """See Machine."""
        switch_off(restart=restart)

    def set_volume(self, percent: int) -> None:
        """See Machine."""
        volume.set_level(percent)

    def wake(self, macs: Sequence[str]) -> None:
        """See Machine."""
        waking.broadcast(macs)
