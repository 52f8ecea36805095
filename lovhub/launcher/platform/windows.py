"""The lock on Windows: covers kept topmost, and a low-level hook against the system's own keys.

`grabKeyboard` of Qt stops neither Alt+Tab nor the Win keys here; a WH_KEYBOARD_LL hook does (`launcher/hook`).
Ctrl+Alt+Del no program can stop: what it offers is for the policies of the player's account.
"""

import ctypes
import os
import sys
from collections.abc import Callable, Sequence
from ctypes import wintypes

from PySide6.QtGui import QWindow

from lovhub.launcher.hook.watch import HookWatch
from lovhub.launcher.platform import Cover, Fault, KeyboardState, Rectangle, windows_desktop
from lovhub.loading import own_command

assert sys.platform == "win32"  # noqa: S101 (mypy then checks this file for Windows only)

VK_CAPITAL = 0x14
GW_HWNDNEXT = 2
HWND_TOPMOST = -1
SWP_NOACTIVATE, SWP_SHOWWINDOW = 0x0010, 0x0040
DWMWA_CLOAKED = 14
GWL_EXSTYLE = -20
WS_EX_TRANSPARENT = 0x20

user32 = ctypes.WinDLL("user32", use_last_error=True)
dwmapi = ctypes.WinDLL("dwmapi")
user32.GetKeyState.restype = wintypes.SHORT
user32.GetTopWindow.restype = wintypes.HWND
user32.GetTopWindow.argtypes = [wintypes.HWND]
user32.GetWindow.restype = wintypes.HWND
user32.GetWindow.argtypes = [wintypes.HWND, wintypes.UINT]
user32.IsWindow.argtypes = [wintypes.HWND]
user32.IsWindowVisible.argtypes = [wintypes.HWND]
user32.IsIconic.argtypes = [wintypes.HWND]
user32.GetWindowRect.argtypes = [wintypes.HWND, ctypes.POINTER(wintypes.RECT)]
user32.GetWindowLongW.argtypes = [wintypes.HWND, ctypes.c_int]
user32.SetWindowPos.argtypes = [wintypes.HWND, wintypes.HWND] + [ctypes.c_int] * 4 + [wintypes.UINT]
user32.GetForegroundWindow.restype = wintypes.HWND
user32.GetWindowThreadProcessId.argtypes = [wintypes.HWND, ctypes.POINTER(wintypes.DWORD)]
user32.SetForegroundWindow.argtypes = [wintypes.HWND]
dwmapi.DwmGetWindowAttribute.argtypes = [
    wintypes.HWND,
    wintypes.DWORD,
    ctypes.c_void_p,
    wintypes.DWORD,
]


class WindowsGuard:
    """ScreenGuard for Windows."""

    bypasses_window_manager = False

    def __init__(self) -> None:
        self._hook = HookWatch(own_command("keys"))
        self._hook.warm_up()  # it needs a moment, and the lock has other things to do until then

    def watch(self, changed: Callable[[], None]) -> None:
        """Windows tells Qt what happens to its windows; the rest the self-check finds."""

    def seize_input(self, window: QWindow) -> bool:
        if not _typing_is_ours():
            _take_foreground(int(window.winId()))
        return self._hook.hold() and _typing_is_ours()

    def release_input(self, window: QWindow) -> None:  # noqa: ARG002 (the hook knows no window)
        self._hook.release()

    def faults(self, covers: Sequence[Cover]) -> dict[int, Fault]:
        own = {cover.window_id for cover in covers}
        faults: dict[int, Fault] = {}
        for cover in covers:
            handle = cover.window_id
            if not user32.IsWindow(handle):
                faults[handle] = "gone"
            elif not user32.IsWindowVisible(handle) or user32.IsIconic(handle):
                faults[handle] = "hidden"
            elif _place(handle) != cover.screen:
                faults[handle] = "moved"
            elif any(_place(above).overlaps(cover.screen) for above in _shown_above(handle, own)):
                faults[handle] = "covered"
        return faults

    def put_back(self, cover: Cover) -> None:
        user32.SetWindowPos(
            cover.window_id, HWND_TOPMOST, *cover.screen, SWP_NOACTIVATE | SWP_SHOWWINDOW
        )

    def keyboard(self) -> KeyboardState:
        caps_lock = bool(user32.GetKeyState(VK_CAPITAL) & 1)
        return KeyboardState(caps_lock, windows_desktop.active_layout())


def _take_foreground(handle: int) -> None:
    """Ask for the keyboard; Windows may refuse it to a program that did not have it last."""
    user32.SetForegroundWindow(handle)


def _typing_is_ours() -> bool:
    """Whether no other program gets what is typed; on the Ctrl+Alt+Del screen none does."""
    foreground = user32.GetForegroundWindow()
    if not foreground:
        return True
    owner = wintypes.DWORD()
    user32.GetWindowThreadProcessId(foreground, ctypes.byref(owner))
    return owner.value == os.getpid()


def _place(handle: int) -> Rectangle:
    rectangle = wintypes.RECT()
    user32.GetWindowRect(handle, ctypes.byref(rectangle))
    width, height = rectangle.right - rectangle.left, rectangle.bottom - rectangle.top
    return Rectangle(rectangle.left, rectangle.top, width, height)


def _shown_above(handle: int, own: set[int]) -> list[int]:
    """Foreign windows in front of this one that a person can see; those in front come first."""
    found = []
    current = user32.GetTopWindow(None)
    while current and current != handle:
        if current not in own and user32.IsWindowVisible(current) and not _is_invisible(current):
            found.append(current)
        current = user32.GetWindow(current, GW_HWNDNEXT)
    return found


def _is_invisible(handle: int) -> bool:
    """Suspended apps have cloaked windows; click-through ones belong to overlays and the IME."""
    cloaked = wintypes.DWORD()
    dwmapi.DwmGetWindowAttribute(
        handle, DWMWA_CLOAKED, ctypes.byref(cloaked), ctypes.sizeof(cloaked)
    )
    place = _place(handle)
    click_through = user32.GetWindowLongW(handle, GWL_EXSTYLE) & WS_EX_TRANSPARENT
    return bool(cloaked.value or click_through or place.width == 0 or place.height == 0)
