"""The lock on Windows: covers kept topmost, and a low-level hook against the system's own keys.

`grabKeyboard` of Qt stops neither Alt+Tab nor the Win keys here; a WH_KEYBOARD_LL hook does.
Ctrl+Alt+Del no program can stop: what it offers is for the policies of the player's account.
"""

import ctypes
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from ctypes import wintypes

from PySide6.QtGui import QWindow

from lovhub.launcher.platform import Cover, Fault, KeyboardState, Rectangle, windows_desktop
from lovhub.launcher.platform.keys import KeyPress, escapes_the_lock

assert sys.platform == "win32"  # noqa: S101 (mypy then checks this file for Windows only)

WH_KEYBOARD_LL = 13
HC_ACTION = 0
WM_QUIT = 0x0012
LLKHF_ALTDOWN = 0x20
VK_CONTROL, VK_MENU, VK_CAPITAL = 0x11, 0x12, 0x14
GW_HWNDNEXT = 2
HWND_TOPMOST = -1
SWP_NOACTIVATE, SWP_SHOWWINDOW = 0x0010, 0x0040
DWMWA_CLOAKED = 14
GWL_EXSTYLE = -20
WS_EX_TRANSPARENT = 0x20
KEY_IS_DOWN = 0x8000
HOOK_START_SECONDS = 5.0

LRESULT = ctypes.c_ssize_t
HookProcedure = ctypes.WINFUNCTYPE(LRESULT, ctypes.c_int, wintypes.WPARAM, wintypes.LPARAM)

user32 = ctypes.WinDLL("user32", use_last_error=True)
kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
dwmapi = ctypes.WinDLL("dwmapi")
user32.SetWindowsHookExW.restype = wintypes.HHOOK
user32.SetWindowsHookExW.argtypes = [
    ctypes.c_int,
    HookProcedure,
    wintypes.HINSTANCE,
    wintypes.DWORD,
]
user32.CallNextHookEx.restype = LRESULT
user32.CallNextHookEx.argtypes = [
    wintypes.HHOOK,
    ctypes.c_int,
    wintypes.WPARAM,
    wintypes.LPARAM,
]
user32.UnhookWindowsHookEx.argtypes = [wintypes.HHOOK]
user32.GetMessageW.argtypes = [
    ctypes.POINTER(wintypes.MSG),
    wintypes.HWND,
    wintypes.UINT,
    wintypes.UINT,
]
user32.PostThreadMessageW.argtypes = [
    wintypes.DWORD,
    wintypes.UINT,
    wintypes.WPARAM,
    wintypes.LPARAM,
]
user32.GetAsyncKeyState.restype = wintypes.SHORT
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
kernel32.GetModuleHandleW.restype = wintypes.HMODULE
kernel32.GetModuleHandleW.argtypes = [wintypes.LPCWSTR]
dwmapi.DwmGetWindowAttribute.argtypes = [
    wintypes.HWND,
    wintypes.DWORD,
    ctypes.c_void_p,
    wintypes.DWORD,
]

log = logging.getLogger(__name__)


class _LowLevelKey(ctypes.Structure):
    """KBDLLHOOKSTRUCT."""

    _fields_ = [
        ("virtual_key", wintypes.DWORD),
        ("scan_code", wintypes.DWORD),
        ("flags", wintypes.DWORD),
        ("time", wintypes.DWORD),
        ("extra", ctypes.c_size_t),
    ]


class KeyboardHook:
    """The hook, in a thread of its own with a message loop, as Windows asks for.

    A hook that answers late is dropped by Windows without a word, so this thread does nothing else.
    """

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._thread_id = 0
        self._installed = threading.Event()
        self._hook: int | None = None
        self._procedure = HookProcedure(
            self._on_key
        )  # kept: Windows calls it as long as it is hooked

    @property
    def holding(self) -> bool:
        """Whether the hook is in place."""
        return self._thread is not None and self._thread.is_alive() and self._hook is not None

    def start(self) -> bool:
        """Put the hook in place, if it is not; whether it is."""
        if not self.holding:
            self._installed.clear()
            self._thread = threading.Thread(target=self._run, name="keyboard-hook", daemon=True)
            self._thread.start()
            self._installed.wait(HOOK_START_SECONDS)
        return self.holding

    def stop(self) -> None:
        """Take the hook away."""
        if self._thread is not None and self._thread.is_alive():
            user32.PostThreadMessageW(self._thread_id, WM_QUIT, 0, 0)
            self._thread.join(HOOK_START_SECONDS)
        self._thread = None

    def _run(self) -> None:
        self._thread_id = threading.get_native_id()
        module = kernel32.GetModuleHandleW(None)
        self._hook = user32.SetWindowsHookExW(WH_KEYBOARD_LL, self._procedure, module, 0)
        if not self._hook:
            log.error("no keyboard hook: Windows error %s", ctypes.get_last_error())
        self._installed.set()
        if not self._hook:
            return
        message = wintypes.MSG()
        while user32.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
            pass  # nothing is dispatched here: waiting is what lets Windows call the hook
        user32.UnhookWindowsHookEx(self._hook)
        self._hook = None

    def _on_key(self, code: int, w_param: int, l_param: int) -> int:
        if code == HC_ACTION:
            key = ctypes.cast(l_param, ctypes.POINTER(_LowLevelKey)).contents
            press = KeyPress(
                virtual_key=key.virtual_key,
                # Not every system sets the flag, so the key itself is asked as well.
                alt=bool(key.flags & LLKHF_ALTDOWN) or _is_down(VK_MENU),
                control=_is_down(VK_CONTROL),
            )
            if escapes_the_lock(press):
                return 1
        passed_on: int = user32.CallNextHookEx(None, code, w_param, l_param)
        return passed_on


class WindowsGuard:
    """ScreenGuard for Windows."""

    bypasses_window_manager = False

    def __init__(self) -> None:
        self._hook = KeyboardHook()

    def watch(self, changed: Callable[[], None]) -> None:
        """Windows tells Qt what happens to its windows; the rest the self-check finds."""

    def seize_input(self, window: QWindow) -> bool:
        if not _typing_is_ours():
            _take_foreground(int(window.winId()))
        return self._hook.start() and _typing_is_ours()

    def release_input(self, window: QWindow) -> None:  # noqa: ARG002 (the hook knows no window)
        self._hook.stop()

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


def _is_down(virtual_key: int) -> bool:
    return bool(user32.GetAsyncKeyState(virtual_key) & KEY_IS_DOWN)


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
