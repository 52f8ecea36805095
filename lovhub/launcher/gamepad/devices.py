"""The pads of this PC, behind one small interface."""

import sys
from collections.abc import Mapping
from typing import Protocol

from lovhub.launcher.gamepad.mapping import PadState


class Pads(Protocol):
    """What is plugged in. None of it raises: a pad that is pulled out is not there any more."""

    def look(self) -> None:
        """See what is plugged in by now; takes a moment, so now and then."""
        ...

    def states(self) -> Mapping[str, PadState]:
        """Every pad as it is now, by a name that it keeps while it is plugged in."""
        ...

    def let_go(self) -> None:
        """Nobody looks any more for the time being."""
        ...


def choose_pads() -> Pads:
    """The pads of this system."""
    if sys.platform == "win32":
        from lovhub.launcher.platform.windows_pads import WindowsPads  # noqa: PLC0415 (this system only)

        return WindowsPads()
    else:  # noqa: RET505 (the type checker reads one half for each system)
        from lovhub.launcher.platform.linux_pads import LinuxPads  # noqa: PLC0415 (this system only)

        return LinuxPads()
