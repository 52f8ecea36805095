"""The lock on Windows: keys pressed by SendInput, as a keyboard's are, and windows that intrude."""

import ctypes
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from ctypes import wintypes
from pathlib import Path
from typing import Self

import psutil
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from lovhub.launcher.hook import windows as hook_windows
from lovhub.launcher.hook.command import HOLDING, RELEASED
from lovhub.launcher.hook.watch import HookWatch
from lovhub.launcher.hook.windows import KeyboardHook
from lovhub.launcher.lock import Lock
from lovhub.launcher.platform import windows
from lovhub.launcher.platform.windows import WindowsGuard, user32
from lovhub.launcher.theme import DARK, Look

BYSTANDER = Path(__file__).parents[2] / "launcher" / "bystander.py"
WAIT_SECONDS = 30.0
WS_EX_TOPMOST = 0x8
NO_SIZE, NO_MOVE, NO_Z_ORDER, BOTTOM = 0x1, 0x2, 0x4, 1

SHIFT, CONTROL, ALT, LEFT_WIN, RIGHT_WIN, APPS = 0x10, 0x11, 0x12, 0x5B, 0x5C, 0x5D
TAB, ESCAPE, SPACE, F4 = 0x09, 0x1B, 0x20, 0x73
BROWSER_HOME, LAUNCH_MAIL, VOLUME_UP = 0xAC, 0xB4, 0xAF
D, E, R, Z = 0x44, 0x45, 0x52, 0x5A
F12, PRINT_SCREEN, NUM_LOCK = 0x7B, 0x2C, 0x90

ESCAPES = {
    "left Win": [LEFT_WIN],
    "right Win": [RIGHT_WIN],
    "Win+D": [LEFT_WIN, D],
    "Win+E": [LEFT_WIN, E],
    "Win+R": [RIGHT_WIN, R],
    "Win+Tab": [LEFT_WIN, TAB],
    "Alt+Tab": [ALT, TAB],
    "Alt+Shift+Tab": [ALT, SHIFT, TAB],
    "Ctrl+Alt+Tab": [CONTROL, ALT, TAB],
    "Alt+Esc": [ALT, ESCAPE],
    "Alt+Space": [ALT, SPACE],
    "Alt+F4": [ALT, F4],
    "Ctrl+Esc": [CONTROL, ESCAPE],
    "Ctrl+Shift+Esc": [CONTROL, SHIFT, ESCAPE],
    "menu key": [APPS],
    "browser key": [BROWSER_HOME],
    "mail key": [LAUNCH_MAIL],
    "Print Screen": [PRINT_SCREEN],
    "Alt+Z": [ALT, Z],
    "Ctrl+Alt+F12": [CONTROL, ALT, F12],
    "Alt+Shift+Num Lock": [ALT, SHIFT, NUM_LOCK],
}
"""Each with what Windows must never see of it: the keys of ESCAPING."""
ESCAPING = {
    *(LEFT_WIN, RIGHT_WIN, APPS, BROWSER_HOME, LAUNCH_MAIL, ESCAPE, F4),
    *(PRINT_SCREEN, Z, F12, NUM_LOCK),
}


def press(*keys: int) -> None:
    """Press these together, and let go of them in the opposite order."""
    for key, flags in [*((key, 0) for key in keys), *((key, 2) for key in reversed(keys))]:
        event = hook_windows._Input(
            kind=1, key=hook_windows._KeyInput(virtual_key=key, flags=flags)
        )
        assert user32.SendInput(1, ctypes.byref(event), ctypes.sizeof(event)) == 1


class KeysSeen(KeyboardHook):
    """A hook older than the lock's: it sees the keys that the lock lets through to Windows."""

    def __init__(self) -> None:
        super().__init__(lambda _word: None)
        self.keys: list[int] = []
        self._thread = threading.Thread(target=self.run, daemon=True)
        self._thread.start()
        self.hold()
        wait_until(lambda: self.times_armed > 0, "the older hook is there")

    def stop(self) -> None:
        self.quit()
        self._thread.join(WAIT_SECONDS)

    def _look(self) -> None:
        """It stays the older one."""

    def _on_key(self, code: int, w_param: int, l_param: int) -> int:
        self.keys.append(ctypes.cast(l_param, ctypes.POINTER(wintypes.DWORD)).contents.value)
        passed_on: int = hook_windows.user32.CallNextHookEx(None, code, w_param, l_param)
        return passed_on


class Bystander:
    """A program of the player, which would be glad of the keys and clicks."""

    def __init__(self, told: Path, *words: str) -> None:
        self._told = told
        told.touch()
        self._process = subprocess.Popen([sys.executable, str(BYSTANDER), str(told), *words])
        wait_until(lambda: "shown" in self.told(), "the bystander shows its window")

    def told(self) -> list[str]:
        return self._told.read_text().split()

    def take_the_keyboard(self) -> None:
        user32.SetForegroundWindow(user32.FindWindowW(None, "Bystander"))
        press(ord("A"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.wait()


class Locked:
    """The lock with a field to type into, as the sign-in has, and what it lets through."""

    def __init__(self, seen: KeysSeen) -> None:
        self.seen = seen
        content = QWidget()
        self.field = QLineEdit(content)
        QVBoxLayout(content).addWidget(self.field)
        self.lock = Lock(WindowsGuard(), Look(DARK, 1.0), content)
        self.lock.engage()
        self.field.setFocus()
        self.wait_until_it_holds()
        self.cover = user32.GetForegroundWindow()

    def wait_until_it_holds(self) -> None:
        wait_until(lambda: self.lock.covering and covers_everything(), "the lock holds")

    def assert_typing_arrives(self) -> None:
        """Also: what was pressed before has been dealt with by then.

        A busy Windows tells programs late which of them has the keyboard now; what is typed meanwhile is lost, and
        typed again as a person would.
        """
        wait_until(self._typing_arrives, "what is typed arrives")

    def _typing_arrives(self) -> bool:
        wait_until(self.field.hasFocus, "the keyboard is the lock's")
        self.field.clear()
        for letter in "AB1":
            press(ord(letter))
        for _ in range(50):
            # What was pressed before may have left a letter of its own, as Win+D does.
            if self.field.text().endswith("ab1"):
                return True
            QTest.qWait(20)
        return False


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Let Qt work until it is true."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"it never came to be that {what}"
        QTest.qWait(20)


def covers_everything() -> bool:
    """Whether all over the screen the window that a mouse would meet is one of this process."""
    screen = wintypes.RECT(0, 0, user32.GetSystemMetrics(0), user32.GetSystemMetrics(1))
    places = [
        (x, y)
        for x in (0, 210, screen.right // 2, screen.right - 1)
        for y in (0, 160, screen.bottom // 2, screen.bottom - 1)
    ]
    return all(_is_ours(user32.WindowFromPoint(wintypes.POINT(*place))) for place in places)


def _is_ours(window: int) -> bool:
    owner = wintypes.DWORD()
    user32.GetWindowThreadProcessId(window, ctypes.byref(owner))
    return owner.value == os.getpid()


user32.WindowFromPoint.restype = wintypes.HWND
user32.WindowFromPoint.argtypes = [wintypes.POINT]
user32.FindWindowW.restype = wintypes.HWND
user32.FindWindowW.argtypes = [wintypes.LPCWSTR, wintypes.LPCWSTR]
WINDOW_ACTIONS: dict[str, Callable[[int], object]] = {
    "close": lambda window: user32.PostMessageW(window, 0x0010, 0, 0),
    "hide": lambda window: user32.ShowWindow(window, 0),
    "minimise": lambda window: user32.ShowWindow(window, 6),
    "move": lambda window: user32.SetWindowPos(window, None, 600, 400, 0, 0, NO_SIZE | NO_Z_ORDER),
    "shrink": lambda window: user32.SetWindowPos(
        window, None, 0, 0, 300, 200, NO_MOVE | NO_Z_ORDER
    ),
    "lower": lambda window: user32.SetWindowPos(window, BOTTOM, 0, 0, 0, 0, NO_SIZE | NO_MOVE),
}

user32.ShowWindow.argtypes = [wintypes.HWND, ctypes.c_int]
user32.PostMessageW.argtypes = [wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM]


@pytest.fixture(scope="module")
def bystander(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bystander]:
    with Bystander(tmp_path_factory.mktemp("bystander") / "told") as bystander:
        yield bystander


@pytest.fixture(scope="module")
def lock_over_a_program(qapp: QGuiApplication, bystander: Bystander) -> Iterator[Locked]:
    seen = KeysSeen()
    locked = Locked(seen)
    yield locked
    locked.lock.release()
    seen.stop()


@pytest.fixture
def locked(lock_over_a_program: Locked) -> Locked:
    """A lock over a program that was there before it."""
    lock_over_a_program.seen.keys.clear()
    return lock_over_a_program


@pytest.mark.parametrize("name", ESCAPES)
def test_no_key_of_windows_leads_out(locked: Locked, name: str) -> None:
    keys = ESCAPES[name]
    press(*keys)
    locked.assert_typing_arrives()
    assert not ESCAPING & set(locked.seen.keys)
    assert LEFT_WIN in keys or TAB not in locked.seen.keys
    locked.wait_until_it_holds()


def test_typing_layout_and_volume_go_through(locked: Locked) -> None:
    press(ALT, SHIFT)
    press(VOLUME_UP)
    locked.assert_typing_arrives()
    assert {VOLUME_UP, ord("A"), ord("B"), ord("1")} <= set(locked.seen.keys)
    assert len(locked.seen.keys) >= 2 * (2 + 1 + 3)  # Alt and Shift too, whatever side they have


def test_every_screen_is_filled_to_the_pixel(locked: Locked) -> None:
    place = wintypes.RECT()
    user32.GetWindowRect(locked.cover, ctypes.byref(place))
    assert (place.left, place.top) == (0, 0)
    assert (place.right, place.bottom) == (user32.GetSystemMetrics(0), user32.GetSystemMetrics(1))
    assert user32.GetWindowLongW(locked.cover, windows.GWL_EXSTYLE) & WS_EX_TOPMOST


@pytest.mark.parametrize("action", WINDOW_ACTIONS)
def test_nothing_done_to_its_window_opens_it(locked: Locked, action: str) -> None:
    WINDOW_ACTIONS[action](locked.cover)
    locked.lock.check()
    locked.wait_until_it_holds()
    locked.assert_typing_arrives()


def test_another_program_that_takes_the_keyboard_loses_it(
    locked: Locked, bystander: Bystander, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_before = bystander.told()

    # Again and again: a busy Windows tells both programs late whose turn it is, and either comes back once more.
    def has_lost_it() -> bool:
        bystander.take_the_keyboard()
        locked.lock.check()
        return not locked.lock.covering and bystander.told() != told_before

    def has_it_alone() -> bool:
        locked.lock.check()
        locked.wait_until_it_holds()
        told_before = bystander.told()
        locked.assert_typing_arrives()
        return bystander.told() == told_before

    with monkeypatch.context() as patched:
        patched.setattr(windows, "_take_foreground", lambda _window: None)
        wait_until(has_lost_it, "the lock says that it has not what Windows refuses to give back")
    wait_until(has_it_alone, "what is typed goes to the lock and to nobody else")


def test_comes_back_over_a_window_that_keeps_raising_itself(locked: Locked, tmp_path: Path) -> None:
    with Bystander(tmp_path / "told", "on-top"):
        locked.lock.check()
        locked.wait_until_it_holds()
    locked.wait_until_it_holds()
    locked.assert_typing_arrives()


def test_when_released_windows_has_its_keys_back(locked: Locked) -> None:
    locked.lock.release()
    assert not covers_everything()
    press(ALT, ESCAPE)
    press(LEFT_WIN)
    wait_until(lambda: {ESCAPE, LEFT_WIN} <= set(locked.seen.keys), "Windows sees its keys")
    locked.lock.engage()
    locked.field.setFocus()
    locked.wait_until_it_holds()
    locked.seen.keys.clear()
    press(LEFT_WIN)
    locked.assert_typing_arrives()
    assert LEFT_WIN not in locked.seen.keys


def hook_of(locked: Locked) -> HookWatch:
    guard = locked.lock._guard
    assert isinstance(guard, WindowsGuard)
    return guard._hook


def test_a_hook_that_is_killed_is_put_back_and_meanwhile_nothing_is_claimed(locked: Locked) -> None:
    life = hook_of(locked)._life
    assert life is not None
    life.process.kill()
    life.process.wait()
    locked.lock.check()
    assert not locked.lock.covering
    locked.wait_until_it_holds()
    locked.seen.keys.clear()
    press(LEFT_WIN)
    locked.assert_typing_arrives()
    assert LEFT_WIN not in locked.seen.keys


def test_a_hook_that_hangs_is_replaced(locked: Locked) -> None:
    life = hook_of(locked)._life
    assert life is not None
    psutil.Process(life.process.pid).suspend()
    wait_until(lambda: not locked.lock.covering, "a silent hook is not believed")
    locked.wait_until_it_holds()
    assert life.process.poll() is not None


def test_a_hook_is_armed_again_and_one_that_windows_has_dropped_is_missed() -> None:
    said: list[bytes] = []
    hook = KeyboardHook(said.append)
    thread = threading.Thread(target=hook.run, daemon=True)
    thread.start()
    hook.hold()
    wait_until(lambda: HOLDING in said, "it works")
    armed = hook.times_armed
    wait_until(lambda: hook.times_armed > armed, "a fresh one takes its place")
    said.clear()
    windows_drops_it(hook)
    press(LEFT_WIN)
    wait_until(lambda: hook.times_armed > armed + 1 and HOLDING in said, "it is back")
    hook.release()
    wait_until(lambda: RELEASED in said, "it lets go")
    hook.quit()
    thread.join(WAIT_SECONDS)


def windows_drops_it(hook: KeyboardHook) -> None:
    """As Windows does it: the hook's owner still has its number."""
    assert hook._hook
    hook_windows.user32.UnhookWindowsHookEx(hook._hook)
