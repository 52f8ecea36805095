"""What is done to the PC itself: switched off, made louder. Tests put something else in its place."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from lovhub import waking
from lovhub.agent.platform import stay_awake, switch_off
from lovhub.agent.seat import Seat

if TYPE_CHECKING:
    from lovhub.agent.libraries.scan import Found


class Machine(Protocol):
    """May take a second: not for the event loop. Each raises OSError where the system says no."""

    def stay_awake(self) -> None:
        """Never sleep by itself again, as long as the calling thread lives. Quick."""
        ...

    def switch_off(self, *, restart: bool) -> None:
        """Begin to shut down or restart; programs that do not end are ended. Returns before it is done."""
        ...

    def set_volume(self, percent: int) -> None:
        """Of everything that is heard here."""
        ...

    def wake(self, macs: Sequence[str]) -> None:
        """Have other PCs of this network switched on."""
        ...

    def find_games(self) -> "Found":
        """What Steam and Epic have installed here. May take half a minute."""
        ...


class ThisMachine:
    """The PC on which this runs."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat

    def stay_awake(self) -> None:
        """See Machine."""
        stay_awake()

    def switch_off(self, *, restart: bool) -> None:
        """See Machine."""
        switch_off(restart=restart)

    def set_volume(self, percent: int) -> None:
        """See Machine."""
        self._seat.set_volume(percent)

    def wake(self, macs: Sequence[str]) -> None:
        """See Machine."""
        waking.broadcast(macs)

    def find_games(self) -> "Found":
        """See Machine. What reads libraries is loaded when it is asked for: a club asks for it once a month."""
        from lovhub.agent.libraries.scan import scan  # noqa: PLC0415

        if sys.platform == "win32":
            from lovhub.agent.platform.windows_libraries import library_places  # noqa: PLC0415
        else:
            from lovhub.agent.platform.linux_libraries import library_places  # noqa: PLC0415
        return scan(library_places())
