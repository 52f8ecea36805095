"""Which keys of Windows lead away from the lock: a pure decision, tested everywhere."""

from typing import NamedTuple

VK_TAB, VK_ESCAPE, VK_SPACE, VK_NUM_LOCK = 0x09, 0x1B, 0x20, 0x90
VK_F1, VK_F24, VK_A, VK_Z = 0x70, 0x87, 0x41, 0x5A
VK_PRINT_SCREEN = 0x2C
"""Windows 11 opens a program with it, that has windows to choose files in."""
VK_LEFT_WIN, VK_RIGHT_WIN, VK_APPS, VK_SLEEP = 0x5B, 0x5C, 0x5D, 0x5F
VK_BROWSER_BACK, VK_LAUNCH_APP2 = 0xA6, 0xB7
"""Between these: browser, mail, media player and program keys of multimedia keyboards."""
VK_VOLUME_MUTE, VK_VOLUME_UP = 0xAD, 0xAF


class KeyPress(NamedTuple):
    """A key going down or up, with the modifiers held."""

    virtual_key: int
    alt: bool = False
    control: bool = False


def escapes_the_lock(press: KeyPress) -> bool:
    """Whether Windows would do something with this key that leads out of a locked screen.

    Up and down are swallowed alike; typing (with AltGr, too, which is Ctrl and Alt to Windows), Alt+Shift for the
    layout and the volume keys pass. With Alt and a letter or a function key, drivers of graphics cards open theirs.
    """
    key = press.virtual_key
    if key in (VK_LEFT_WIN, VK_RIGHT_WIN, VK_APPS, VK_SLEEP, VK_PRINT_SCREEN):
        return True
    if VK_BROWSER_BACK <= key <= VK_LAUNCH_APP2:
        return not VK_VOLUME_MUTE <= key <= VK_VOLUME_UP
    if press.alt and (key in (VK_TAB, VK_ESCAPE, VK_SPACE, VK_NUM_LOCK) or VK_F1 <= key <= VK_F24):
        return True
    if press.alt and not press.control and VK_A <= key <= VK_Z:
        return True
    return press.control and key == VK_ESCAPE
