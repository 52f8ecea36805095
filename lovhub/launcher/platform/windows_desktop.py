"""Keyboard layout and resolution under Windows."""

import contextlib
import ctypes
import sys
from ctypes import wintypes

import pywintypes
import win32api
import win32con

from lovhub.launcher.platform.desktop import LAYOUTS, Modes

assert sys.platform == "win32"  # noqa: S101 (mypy then checks this file for Windows only)

KLF_ACTIVATE, KLF_SUBSTITUTE_OK = 0x1, 0x2
WM_INPUTLANGCHANGEREQUEST = 0x0050
HWND_BROADCAST = 0xFFFF
SPI_SETDEFAULTINPUTLANG = 0x005A
PRIMARY_LANGUAGE = 0x3FF
_IDS = {"EN": "00000409", "RU": "00000419", "KK": "0000043F"}
_LANGUAGES = {0x09: "EN", 0x19: "RU", 0x3F: "KK"}
_COMPARED = ("PelsWidth", "PelsHeight", "BitsPerPel", "DisplayFrequency")

user32 = ctypes.WinDLL("user32", use_last_error=True)
user32.LoadKeyboardLayoutW.restype = wintypes.HKL
user32.LoadKeyboardLayoutW.argtypes = [wintypes.LPCWSTR, wintypes.UINT]
user32.GetKeyboardLayout.restype = wintypes.HKL
user32.GetKeyboardLayout.argtypes = [wintypes.DWORD]
user32.PostMessageW.argtypes = [
    wintypes.HWND,
    wintypes.UINT,
    wintypes.WPARAM,
    wintypes.LPARAM,
]


def active_layout() -> str:
    """The key layout of our windows, as the launcher names it; "" for another."""
    language = (user32.GetKeyboardLayout(0) or 0) & PRIMARY_LANGUAGE
    return _LANGUAGES.get(language, "")


class WindowsDesktop:
    """See `Desktop`."""

    def layouts(self) -> tuple[str, ...]:
        """See Desktop. Windows has them all."""
        return LAYOUTS

    def layout(self) -> str:
        """See Desktop."""
        return active_layout()

    def set_layout(self, layout: str) -> None:
        """See Desktop: for us, for what is open, and for what is opened later."""
        if layout not in _IDS:
            return
        handle = user32.LoadKeyboardLayoutW(_IDS[layout], KLF_ACTIVATE | KLF_SUBSTITUTE_OK)
        if not handle:
            return
        chosen = wintypes.HKL(handle)
        user32.SystemParametersInfoW(SPI_SETDEFAULTINPUTLANG, 0, ctypes.byref(chosen), 0)
        user32.PostMessageW(HWND_BROADCAST, WM_INPUTLANGCHANGEREQUEST, 0, handle)

    def modes(self) -> Modes:
        """See Desktop."""
        found = {}
        number = 0
        with contextlib.suppress(pywintypes.error):  # so it says that there are no more
            while True:
                device = win32api.EnumDisplayDevices(None, number)
                number += 1
                if device.StateFlags & win32con.DISPLAY_DEVICE_ATTACHED_TO_DESKTOP:
                    name = device.DeviceName
                    found[name] = win32api.EnumDisplaySettings(name, win32con.ENUM_CURRENT_SETTINGS)
        return found

    def put_modes_back(self, modes: Modes) -> None:
        """See Desktop. Also where the player has chosen another one for good."""
        now = self.modes()
        for screen, mode in modes.items():
            if screen in now and _figures(now[screen]) != _figures(mode):
                with contextlib.suppress(pywintypes.error):
                    win32api.ChangeDisplaySettingsEx(screen, mode, win32con.CDS_UPDATEREGISTRY)


def _figures(mode: object) -> list[int]:
    return [getattr(mode, name) for name in _COMPARED]
