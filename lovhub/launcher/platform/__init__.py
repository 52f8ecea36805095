"""What the lock needs from the operating system, behind one small interface.

The rest of the lock is the same everywhere and is tested everywhere.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, Protocol

import msgspec
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication, QWindow


class Rectangle(NamedTuple):
    """A place on the desktop, in the system's own pixels."""

    x: int
    y: int
    width: int
    height: int

    def overlaps(self, other: "Rectangle") -> bool:
        """Whether the two have a pixel in common."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


class Cover(NamedTuple):
    """One window of the lock: its id in the system, and the screen that it must fill."""

    window_id: int
    screen: Rectangle


Fault = Literal["gone", "hidden", "moved", "covered"]
"""What is wrong with a cover: destroyed, not shown, elsewhere, under another window."""


class KeyboardState(msgspec.Struct, frozen=True):
    """What one who types a password must know. `layout` is two letters, or empty if not known."""

    caps_lock: bool = False
    layout: str = ""


class ScreenGuard(Protocol):
    """The system's part of the lock."""

    bypasses_window_manager: bool
    """Whether covers are to be windows that no window manager handles."""

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` soon after windows came, went or moved, where the system tells."""
        ...

    def seize_input(self, window: QWindow) -> bool:
        """Take keyboard and mouse for this window, again if need be; whether they are held."""
        ...

    def release_input(self, window: QWindow) -> None:
        """Give keyboard and mouse back."""
        ...

    def faults(self, covers: Sequence[Cover]) -> dict[int, Fault]:
        """By window id, what is wrong with these covers. Empty: every screen is covered."""
        ...

    def put_back(self, cover: Cover) -> None:
        """Show this cover on its screen, in front of everything."""
        ...

    def keyboard(self) -> KeyboardState:
        """Caps Lock and layout now."""
        ...


class PlatformNotSupported(Exception):
    """No lock for this windowing system; one that only looks like a lock would be worse."""


def choose_guard(parent: QObject) -> ScreenGuard:
    """The guard for the windowing system Qt runs on; raises PlatformNotSupported."""
    name = QGuiApplication.platformName()
    if sys.platform == "win32" and name == "windows":
        from lovhub.launcher.platform.windows import WindowsGuard  # noqa: PLC0415 (this system only)

        return WindowsGuard()
    if sys.platform != "win32" and name == "xcb":
        from lovhub.launcher.platform.linux import LinuxGuard  # noqa: PLC0415 (this system only)

        return LinuxGuard(parent)
    raise PlatformNotSupported(name)
