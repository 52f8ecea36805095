"""What else of the PC a player may set, and what is put back after them: keyboard layout, resolution of the screens."""

import sys
from collections.abc import Mapping
from typing import Any, Protocol

LAYOUTS = ("RU", "KK", "EN")
"""Those that are offered, if the PC has them."""

Modes = Mapping[str, Any]
"""By screen, its resolution in the system's own words."""


class Desktop(Protocol):
    """The system's part. None of it raises: what the system refuses stays as it is."""

    def layouts(self) -> tuple[str, ...]:
        """Of LAYOUTS, those that can be chosen here."""
        ...

    def layout(self) -> str:
        """The one in use, or ""."""
        ...

    def set_layout(self, layout: str) -> None:
        """Type with this one from now on, in every program."""
        ...

    def modes(self) -> Modes:
        """The resolution of every screen now."""
        ...

    def put_modes_back(self, modes: Modes) -> None:
        """Give every screen that has another one by now the resolution that it had."""
        ...


class NoDesktop:
    """A PC where nothing of it can be set."""

    def layouts(self) -> tuple[str, ...]:
        """See Desktop."""
        return ()

    def layout(self) -> str:
        """See Desktop."""
        return ""

    def set_layout(self, layout: str) -> None:
        """See Desktop."""

    def modes(self) -> Modes:
        """See Desktop."""
        return {}

    def put_modes_back(self, modes: Modes) -> None:
        """See Desktop."""


def choose_desktop() -> Desktop:
    """The desktop of this system."""
    if sys.platform == "win32":
        from lovhub.launcher.platform.windows_desktop import WindowsDesktop  # noqa: PLC0415 (this system only)

        return WindowsDesktop()
    else:  # noqa: RET505 (the type checker reads one half for each system)
        from lovhub.launcher.platform.linux_desktop import LinuxDesktop  # noqa: PLC0415 (this system only)

        return LinuxDesktop()
