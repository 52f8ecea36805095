"""Gamepads by XInput: the library is found, nothing is plugged in, and what it would tell is read rightly."""

from lovhub.launcher.gamepad.mapping import PadState
from lovhub.launcher.platform import windows_pads
from lovhub.launcher.platform.windows_pads import WindowsPads


def test_without_a_pad_there_is_none() -> None:
    pads = WindowsPads()
    assert pads._library is not None
    pads.look()
    assert pads.states() == {}


def test_what_windows_tells_is_put_into_our_words() -> None:
    told = windows_pads._State()
    told.pad.buttons = 0x1000 | 0x0001 | 0x0010
    told.pad.left_x, told.pad.left_y = 32767, -32767
    assert windows_pads.read(told) == PadState(frozenset({"a", "up"}), 1.0, 1.0)
