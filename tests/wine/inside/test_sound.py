"""Sound on Windows: Wine has no device here, which must cost nobody anything but the one who asks for certain."""

import winreg

import pytest

from lovhub import volume
from lovhub.launcher.platform.sound import SystemSound


def test_a_pc_without_a_sound_device_is_only_silent() -> None:
    sound = SystemSound()
    level = sound.level()
    assert level is None or 0 <= level <= 100
    sound.set_level(50)
    sound.set_muted(muted=True)
    sound.set_muted(muted=False)


def test_without_a_sound_card_the_volume_says_so() -> None:
    """The way through COM to the first interface is a real one; here there is nothing behind it."""
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, r"Software\Wine\Drivers") as drivers:
        winreg.SetValueEx(drivers, "Audio", 0, winreg.REG_SZ, "")
    for ask in (volume.level, lambda: volume.set_level(40), lambda: volume.set_muted(muted=True)):
        with pytest.raises(OSError, match="refused by Windows: 0x"):
            ask()
