"""What is done to the PC itself, as far as it may be done to a machine that runs tests."""

import winreg

import pytest
import win32api
import win32con
import win32security

from lovhub.agent.platform import set_volume, windows_machine


def test_the_right_to_switch_off_is_there_and_switched_on() -> None:
    windows_machine.allow_switching_off()
    token = win32security.OpenProcessToken(win32api.GetCurrentProcess(), win32con.TOKEN_QUERY)
    wanted = win32security.LookupPrivilegeValue("", "SeShutdownPrivilege")
    held = dict(win32security.GetTokenInformation(token, win32security.TokenPrivileges))
    assert held[wanted] & win32con.SE_PRIVILEGE_ENABLED


def test_without_a_sound_card_the_volume_says_so() -> None:
    """The way through COM to the first interface is a real one; here there is nothing behind it."""
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, r"Software\Wine\Drivers") as drivers:
        winreg.SetValueEx(drivers, "Audio", 0, winreg.REG_SZ, "")
    with pytest.raises(OSError, match="refused by Windows: 0x"):
        set_volume(40)
