"""Keyboard layout by XKB, resolution by `xrandr`."""

import contextlib
import re
import shutil

from lovhub.launcher.platform.desktop import LAYOUTS, Modes
from lovhub.launcher.platform.xcb import XServer

PATIENCE_SECONDS = 2
_NAMES = {"us": "EN", "gb": "EN", "kz": "KK", "ru": "RU"}


class LinuxDesktop:
    """See `Desktop`."""

    def __init__(self) -> None:
        self._server = XServer()

    def layouts(self) -> tuple[str, ...]:
        """See Desktop."""
        there = self._groups()
        return tuple(layout for layout in LAYOUTS if layout in there)

    def layout(self) -> str:
        """See Desktop."""
        groups = self._groups()
        _caps_lock, group = self._server.caps_lock_and_group()
        return groups[group] if group < len(groups) else ""

    def set_layout(self, layout: str) -> None:
        """See Desktop."""
        groups = self._groups()
        if layout in groups:
            self._server.lock_group(groups.index(layout))

    def modes(self) -> Modes:
        """See Desktop."""
        return dict(
            re.findall(
                r"^(\S+) connected[^\n]*\n(?:[ ]{3}\S[^\n]*\n)*?[ ]{3}(\d+x\d+)\s[^\n]*\*",
                _xrandr("--query"),
                re.MULTILINE,
            )
        )

    def put_modes_back(self, modes: Modes) -> None:
        """See Desktop."""
        now = self.modes()
        for screen, mode in modes.items():
            if screen in now and now[screen] != mode:
                _xrandr("--output", screen, "--mode", mode)

    def _groups(self) -> list[str]:
        return [_NAMES.get(name, "") for name in self._server.layout_names()]


def _xrandr(*words: str) -> str:
    import subprocess  # noqa: PLC0415 (not before the lock is up)

    program = shutil.which("xrandr")
    if program is None:
        return ""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        return subprocess.run(
            [program, *words], capture_output=True, check=True, timeout=PATIENCE_SECONDS, text=True
        ).stdout
    return ""
