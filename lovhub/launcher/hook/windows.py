"""Windows: a WH_KEYBOARD_LL hook with its message loop, armed again and again, and tried out.

Windows removes such a hook when it answers late, and tells nobody. So a fresh one takes its place every two seconds,
before the old one is taken away; and a key that it should have swallowed and that Windows knows of is a sign that it is
gone.
"""

import contextlib
import ctypes
import sys
import threading
import time
from collections.abc import Callable
from ctypes import wintypes

from lovhub.launcher.hook.command import HOLD, HOLDING, RELEASE, RELEASED
from lovhub.launcher.hook.keys import (
    VK_APPS,
    VK_LEFT_WIN,
    VK_RIGHT_WIN,
    KeyPress,
    escapes_the_lock,
)

assert sys.platform == "win32"  # noqa: S101 (mypy then checks this file for Windows only)

LOOK_MILLISECONDS = 250
REARM_SECONDS = 2.0
PROOF_SECONDS = 1.0
"""A trial key that was not seen for so long is tried again with a fresh hook."""

WH_KEYBOARD_LL = 13
HC_ACTION = 0
WM_QUIT, WM_TIMER, WM_APP = 0x0012, 0x0113, 0x8000
WM_HOLD, WM_RELEASE = WM_APP + 1, WM_APP + 2
LLKHF_ALTDOWN = 0x20
VK_CONTROL, VK_MENU, VK_UNASSIGNED = 0x11, 0x12, 0xE8
KEY_IS_DOWN, KEY_WAS_PRESSED = 0x8000, 0x0001
KEY_UP = 0x0002
TRIAL = 0x4C4F5648
"""By this we know our own trial key."""

HIGH_PRIORITY = 0x80

LRESULT = ctypes.c_ssize_t
HookProcedure = ctypes.WINFUNCTYPE(LRESULT, ctypes.c_int, wintypes.WPARAM, wintypes.LPARAM)

user32 = ctypes.WinDLL("user32", use_last_error=True)
kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
user32.SetWindowsHookExW.restype = wintypes.HHOOK
user32.SetWindowsHookExW.argtypes = [
    ctypes.c_int,
    HookProcedure,
    wintypes.HINSTANCE,
    wintypes.DWORD,
]
user32.CallNextHookEx.restype = LRESULT
user32.CallNextHookEx.argtypes = [wintypes.HHOOK, ctypes.c_int, wintypes.WPARAM, wintypes.LPARAM]
user32.UnhookWindowsHookEx.argtypes = [wintypes.HHOOK]
user32.GetMessageW.argtypes = [
    ctypes.POINTER(wintypes.MSG),
    wintypes.HWND,
    wintypes.UINT,
    wintypes.UINT,
]
user32.PeekMessageW.argtypes = [*user32.GetMessageW.argtypes, wintypes.UINT]
user32.PostThreadMessageW.argtypes = [
    wintypes.DWORD,
    wintypes.UINT,
    wintypes.WPARAM,
    wintypes.LPARAM,
]
user32.SetTimer.argtypes = [wintypes.HWND, ctypes.c_size_t, wintypes.UINT, ctypes.c_void_p]
user32.SetTimer.restype = ctypes.c_size_t
user32.GetAsyncKeyState.restype = wintypes.SHORT
kernel32.GetModuleHandleW.restype = wintypes.HMODULE
kernel32.GetModuleHandleW.argtypes = [wintypes.LPCWSTR]
kernel32.GetCurrentProcess.restype = wintypes.HANDLE
kernel32.SetPriorityClass.argtypes = [wintypes.HANDLE, wintypes.DWORD]


class _LowLevelKey(ctypes.Structure):
    """KBDLLHOOKSTRUCT."""

    _fields_ = [
        ("virtual_key", wintypes.DWORD),
        ("scan_code", wintypes.DWORD),
        ("flags", wintypes.DWORD),
        ("time", wintypes.DWORD),
        ("extra", ctypes.c_size_t),
    ]


class _KeyInput(ctypes.Structure):
    """KEYBDINPUT, as long as the longest of its union."""

    _fields_ = [
        ("virtual_key", wintypes.WORD),
        ("scan_code", wintypes.WORD),
        ("flags", wintypes.DWORD),
        ("time", wintypes.DWORD),
        ("extra", ctypes.c_size_t),
        ("padding", ctypes.c_ubyte * 8),
    ]


class _Input(ctypes.Structure):
    _fields_ = [("kind", wintypes.DWORD), ("key", _KeyInput)]


class KeyboardHook:
    """Runs in the thread that calls `run`; `say` is told how it stands. The rest may be called from any thread."""

    def __init__(self, say: Callable[[bytes], None]) -> None:
        self._say = say
        self._thread_id = 0
        self._ready = threading.Event()
        self._wanted = False
        self._hook: int | None = None
        self._armed_at = self._tried_at = 0.0
        self._works = False
        self.times_armed = 0
        self._procedure = HookProcedure(self._on_key)  # kept: Windows calls it while it is hooked

    def hold(self) -> None:
        """Swallow the keys from now on."""
        self._post(WM_HOLD)

    def release(self) -> None:
        """Let them through."""
        self._post(WM_RELEASE)

    def quit(self) -> None:
        """Let them through, and end `run`."""
        self._post(WM_QUIT)

    def run(self) -> None:
        """Until `quit`. Waiting for messages is what lets Windows call the hook."""
        self._thread_id = threading.get_native_id()
        message = wintypes.MSG()
        user32.PeekMessageW(ctypes.byref(message), None, 0, 0, 0)  # makes the queue
        user32.SetTimer(None, 0, LOOK_MILLISECONDS, None)
        self._ready.set()
        while user32.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
            if message.message == WM_HOLD:
                self._begin()
            elif message.message == WM_RELEASE:
                self._end()
                self._say(RELEASED)
            elif message.message == WM_TIMER:
                self._look()
        self._end()

    def _post(self, message: int) -> None:
        self._ready.wait()
        user32.PostThreadMessageW(self._thread_id, message, 0, 0)

    def _begin(self) -> None:
        if not self._wanted:
            self._wanted = True
            _keys_that_slipped_through()  # what was pressed before is forgotten
            self._try_out()

    def _end(self) -> None:
        self._wanted = self._works = False
        if self._hook:
            user32.UnhookWindowsHookEx(self._hook)
            self._hook = None

    def _look(self) -> None:
        if not self._wanted:
            return
        now = time.monotonic()
        if _keys_that_slipped_through() or (
            not self._works and now - self._tried_at > PROOF_SECONDS
        ):
            self._try_out()
        elif now - self._armed_at > REARM_SECONDS:
            self._arm()
        if self._works:
            self._say(HOLDING)

    def _arm(self) -> None:
        """A fresh hook, before the old one goes: at no moment is there none."""
        module = kernel32.GetModuleHandleW(None)
        fresh = user32.SetWindowsHookExW(WH_KEYBOARD_LL, self._procedure, module, 0)
        old, self._hook = self._hook, fresh
        if old:
            user32.UnhookWindowsHookEx(old)
        self._armed_at = time.monotonic()
        self.times_armed += 1
        if not fresh:
            self._works = False

    def _try_out(self) -> None:
        """With a key that is on no keyboard; where it does not come by, as over an elevated window, nothing is held."""
        self._works = False
        self._arm()
        self._tried_at = time.monotonic()
        key = _KeyInput(virtual_key=VK_UNASSIGNED, flags=KEY_UP, extra=TRIAL)
        event = _Input(kind=1, key=key)
        user32.SendInput(1, ctypes.byref(event), ctypes.sizeof(event))

    def _on_key(self, code: int, w_param: int, l_param: int) -> int:
        if code == HC_ACTION:
            key = ctypes.cast(l_param, ctypes.POINTER(_LowLevelKey)).contents
            if key.extra == TRIAL and key.virtual_key == VK_UNASSIGNED:
                self._works = True
                return 1
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


def _is_down(virtual_key: int) -> bool:
    return bool(user32.GetAsyncKeyState(virtual_key) & KEY_IS_DOWN)


def _keys_that_slipped_through() -> bool:
    """Whether Windows has got one that a hook swallows: it knows nothing of those that were."""
    states = [user32.GetAsyncKeyState(key) for key in (VK_LEFT_WIN, VK_RIGHT_WIN, VK_APPS)]
    return any(state & KEY_WAS_PRESSED for state in states)


def serve() -> int:
    """Do what standard input says, until it ends; returns the exit code."""
    kernel32.SetPriorityClass(kernel32.GetCurrentProcess(), HIGH_PRIORITY)
    hook = KeyboardHook(_say)
    threading.Thread(target=_listen, args=(hook,), name="orders", daemon=True).start()
    hook.run()
    return 0


def _listen(hook: KeyboardHook) -> None:
    with contextlib.suppress(OSError):
        for line in sys.stdin.buffer:
            if line.strip() == HOLD:
                hook.hold()
            elif line.strip() == RELEASE:
                hook.release()
    hook.quit()


def _say(word: bytes) -> None:
    with contextlib.suppress(OSError):  # the launcher is gone; so is what we listen to
        sys.stdout.buffer.write(word + b"\n")
        sys.stdout.buffer.flush()
