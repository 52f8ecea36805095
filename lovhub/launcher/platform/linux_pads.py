"""Linux: gamepads by the kernel's joystick interface, `/dev/input/js*`: one struct for each change."""

import os
import struct
import sys
from collections.abc import Mapping
from pathlib import Path

from lovhub.launcher.gamepad.mapping import PadState

assert sys.platform != "win32"  # noqa: S101 - tells the type checker which half to read

DEVICES = Path("/dev/input")

_EVENT = struct.Struct("IhBB")
"""When, how much, what kind, which: `struct js_event`."""

_BUTTON, _AXIS, _FIRST = 0x01, 0x02, 0x80
"""`_FIRST` marks what was so when the device was opened."""

_MOST_EVENTS = 64
_LARGEST = 32767
_BUTTONS = {0: "a", 1: "b", 2: "x", 3: "y", 4: "left_shoulder", 5: "right_shoulder"}
"""As the drivers of Xbox pads number them, and most others after them."""

_LEFT_X, _LEFT_Y, _HAT_X, _HAT_Y = 0, 1, 6, 7


class LinuxPads:
    """See `devices.Pads`. `folder`: where the devices are; tests have another one."""

    def __init__(self, folder: Path = DEVICES) -> None:
        self._folder = folder
        self._open: dict[str, _Pad] = {}

    def look(self) -> None:
        """See Pads."""
        for device in sorted(self._folder.glob("js*")):
            if device.name not in self._open:
                try:
                    handle = os.open(device, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                except OSError:
                    continue  # of another seat
                self._open[device.name] = _Pad(handle)

    def states(self) -> Mapping[str, PadState]:
        """See Pads."""
        for name in [name for name, pad in self._open.items() if not pad.read()]:
            self._open.pop(name).close()
        return {name: pad.state() for name, pad in self._open.items()}

    def let_go(self) -> None:
        """See Pads. The kernel would go on queueing, and tells how all stands when it is opened again."""
        for pad in self._open.values():
            pad.close()
        self._open.clear()


class _Pad:
    """An open device, and what it has told so far."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._buttons: set[str] = set()
        self._axes: dict[int, int] = {}

    def read(self) -> bool:
        """Take in what has changed; whether it is still there."""
        try:
            told = os.read(self._handle, _EVENT.size * _MOST_EVENTS)
        except BlockingIOError:
            return True
        except OSError:
            return False
        whole = len(told) - len(told) % _EVENT.size
        for _time, value, kind, number in _EVENT.iter_unpack(told[:whole]):
            self._take(kind & ~_FIRST, number, value)
        return bool(told)

    def state(self) -> PadState:
        """As it stands."""
        hat = {
            name
            for axis, names in ((_HAT_X, ("left", "right")), (_HAT_Y, ("up", "down")))
            for name, pushed in zip(names, (-1, 1), strict=True)
            if self._axes.get(axis, 0) * pushed > _LARGEST // 2
        }
        return PadState(
            frozenset(self._buttons | hat),
            self._axes.get(_LEFT_X, 0) / _LARGEST,
            self._axes.get(_LEFT_Y, 0) / _LARGEST,
        )

    def close(self) -> None:
        """Let go of it."""
        os.close(self._handle)

    def _take(self, kind: int, number: int, value: int) -> None:
        if kind == _AXIS:
            self._axes[number] = value
        elif kind == _BUTTON and number in _BUTTONS:
            (self._buttons.add if value else self._buttons.discard)(_BUTTONS[number])
