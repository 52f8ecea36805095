"""Windows: gamepads by XInput, which every Windows since 8 has, and older ones under an older name."""

import ctypes
import sys
from collections.abc import Mapping
from ctypes import wintypes

from lovhub.launcher.gamepad.mapping import PadState

assert sys.platform == "win32"  # noqa: S101 - tells the type checker which half to read

LIBRARIES = ("xinput1_4.dll", "xinput9_1_0.dll")

_FROM_SYSTEM32 = 0x800
"""`LOAD_LIBRARY_SEARCH_SYSTEM32`: a library of this name that lies elsewhere is not it."""

_SLOTS = 4
_LARGEST = 32767
_BUTTONS = {
    0x0001: "up",
    0x0002: "down",
    0x0004: "left",
    0x0008: "right",
    0x0100: "left_shoulder",
    0x0200: "right_shoulder",
    0x1000: "a",
    0x2000: "b",
    0x4000: "x",
    0x8000: "y",
}


class _Gamepad(ctypes.Structure):
    """`XINPUT_GAMEPAD`."""

    _fields_ = (
        ("buttons", wintypes.WORD),
        ("left_trigger", wintypes.BYTE),
        ("right_trigger", wintypes.BYTE),
        ("left_x", wintypes.SHORT),
        ("left_y", wintypes.SHORT),
        ("right_x", wintypes.SHORT),
        ("right_y", wintypes.SHORT),
    )


class _State(ctypes.Structure):
    """`XINPUT_STATE`."""

    _fields_ = (("packet", wintypes.DWORD), ("pad", _Gamepad))


class WindowsPads:
    """See `devices.Pads`. Asking for a pad that is not there is slow in Windows: that is what `look` is for."""

    def __init__(self) -> None:
        self._library = _library()
        self._there: set[int] = set()

    def look(self) -> None:
        """See Pads."""
        self._there = {slot for slot in range(_SLOTS) if self._state(slot) is not None}

    def states(self) -> Mapping[str, PadState]:
        """See Pads."""
        found = {slot: self._state(slot) for slot in sorted(self._there)}
        self._there = {slot for slot, state in found.items() if state is not None}
        return {str(slot): read(state) for slot, state in found.items() if state is not None}

    def let_go(self) -> None:
        """See Pads."""
        self._there.clear()

    def _state(self, slot: int) -> _State | None:
        state = _State()
        if self._library is None or self._library.XInputGetState(slot, ctypes.byref(state)) != 0:
            return None
        return state


def read(state: _State) -> PadState:
    """In our words: Windows counts the stick upwards."""
    pad = state.pad
    buttons = frozenset(name for bit, name in _BUTTONS.items() if pad.buttons & bit)
    return PadState(buttons, pad.left_x / _LARGEST, -pad.left_y / _LARGEST)


def _library() -> ctypes.WinDLL | None:
    """The first that there is, from the system's own folder; None: this Windows knows no pads."""
    for name in LIBRARIES:
        try:
            return ctypes.WinDLL(name, winmode=_FROM_SYSTEM32)
        except OSError:
            continue
    return None
