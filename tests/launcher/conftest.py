"""A real launcher process on a screen of its own, with a fake agent at the other end."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Self

import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from lovhub.clock import TEST_FOLDER_MARK, ManualClock
from lovhub.launcher.auth import AuthScreen
from lovhub.launcher.immortal import keep_none_alive
from lovhub.launcher.theme import DARK, Look
from lovhub.protocol import local
from tests.launcher.fake_agent import LOCKED, PLAYING, FakeAgent
from tests.support.programs import dies_with_the_tests, stop
from tests.support.xvfb import Screen

keep_none_alive()  # Qt runs in the process of the tests as well

PROJECT = Path(__file__).parents[2]
TOKEN = "token-for-this-process"
WAIT_SECONDS = 40.0
POLL_SECONDS = 0.05
INTRUDER_COLOR = (255, 0, 255)
"""What the bystander's windows are filled with; it is no colour of ours."""


class LauncherProcess:
    """`lovhub launcher` in its own process."""

    def __init__(self, screen: Screen, folder: Path) -> None:
        self.screen = screen
        self._folder = folder
        (folder / TEST_FOLDER_MARK).touch()
        self._clock_file = folder / "clock"
        self._clock_file.write_text("0")
        self._errors = folder / "launcher.log"
        self.agent = FakeAgent(folder / "agent.sock")
        command = [
            *dies_with_the_tests("KILL"),
            *(sys.executable, "-m", "lovhub", "launcher", "--socket", str(folder / "agent.sock")),
            *("--data", str(folder), "--test-clock", str(self._clock_file)),
        ]
        with self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                command,
                env={**screen.environment(), "PYTHONPATH": str(PROJECT)},
                stdin=subprocess.PIPE,
                stderr=errors,
                cwd=folder,
            )
        assert self.process.stdin is not None
        self.process.stdin.write(f"{TOKEN}\n".encode())
        self.process.stdin.close()

    def advance_clock(self, seconds: int) -> None:
        """Let time pass for the launcher."""
        self._clock_file.write_text(str(int(self._clock_file.read_text()) + seconds))

    def play(self) -> None:
        """Let a session begin, and wait until the lock is gone and keys come to what is behind it."""
        self.agent.say(PLAYING)
        wait_until(lambda: not shows_only_the_lock(self.screen.screenshot()), "the lock is gone")
        self.agent.wait_until_covering(False)
        wait_until(
            lambda: self.screen.keyboard_pid() == self.process.pid, "the launcher has the keyboard"
        )

    def lock(self, state: local.State = LOCKED) -> None:
        """Let the lock go up, and wait until it covers the screen."""
        self.agent.say(state)
        wait_until(lambda: shows_only_the_lock(self.screen.screenshot()), "the lock is up")
        self.agent.wait_until_covering()

    def window_ids(self) -> list[str]:
        """The windows of the launcher that are shown; there is none while the lock is put back over everything."""
        found: list[str] = []

        def look() -> bool:
            search = ("search", "--onlyvisible", "--pid", str(self.process.pid), "--name", "LoVHub")
            with suppress(subprocess.CalledProcessError):  # it found none
                found[:] = self.screen.xdotool(*search).split()
            return bool(found)

        wait_until(look, "a window is shown")
        return found

    def press(self, *keys: str) -> None:
        """Press and release keys, one after the other."""
        self.screen.xdotool("key", "--clearmodifiers", *keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self.screen.xdotool("type", "--delay", "15", text)

    def log(self) -> str:
        """What the launcher wrote to its log."""
        return self._errors.read_text()

    def __enter__(self) -> Self:
        try:
            self.attached = self.agent.accept()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        """End it; only SIGKILL does."""
        self.process.kill()
        self.process.wait(WAIT_SECONDS)
        self.agent.close()


class Bystander:
    """A program of the player: a magenta window that tells every key and click it gets."""

    def __init__(self, screen: Screen, folder: Path, *arguments: str) -> None:
        self._told = folder / f"bystander-{len(list(folder.iterdir()))}.log"
        self._told.touch()
        self.process = subprocess.Popen(
            [
                *dies_with_the_tests(),
                *(sys.executable, str(Path(__file__).with_name("bystander.py"))),
                *(str(self._told), *arguments),
            ],
            env=screen.environment(),
        )
        wait_until(lambda: "shown" in self.told(), "the bystander shows its window")
        found = screen.xdotool("search", "--name", "^Bystander$").split()
        self.window_id = found[-1]

    def told(self) -> list[str]:
        """Everything that came to it so far."""
        return self._told.read_text().split()

    def received(self) -> list[str]:
        """Keys and clicks only: being uncovered for a moment is not yet being typed into."""
        return [event for event in self.told() if event != "shown"]

    def close(self) -> None:
        """End it."""
        stop(self.process)


StartBystander = Callable[..., Bystander]
"""Called with a screen and arguments."""


def wait_until(true: Callable[[], bool], what: str) -> None:
    """Poll until it is true; an assertion with `what` if that takes too long."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < deadline, f"it never came to be that {what}"
        time.sleep(POLL_SECONDS)


def shows_only_the_lock(image: Image.Image) -> bool:
    """Whether all edges of the screen are the lock's, and nothing of a bystander is to be seen."""
    colors = image.convert("RGB").getcolors(image.width * image.height)
    assert colors is not None
    if any(color == INTRUDER_COLOR for _count, color in colors):
        return False
    accent = tuple(int(DARK.accent[index : index + 2], 16) for index in (1, 3, 5))
    top = {image.getpixel((x, 1))[:3] for x in range(0, image.width, 7)}
    background = _rgb(DARK.background)
    right = image.getpixel((image.width - 2, image.height - 2))[:3]
    return top == {accent} and right == background


def _rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[index : index + 2], 16) for index in (1, 3, 5))


@pytest.fixture(scope="module")
def managed_screen() -> Iterator[Screen]:
    with Screen(1280, 720) as screen:
        yield screen


@pytest.fixture
def launcher(managed_screen: Screen, tmp_path: Path) -> Iterator[LauncherProcess]:
    """A launcher on a screen with openbox."""
    with LauncherProcess(managed_screen, tmp_path) as process:
        yield process
    assert "Traceback" not in process.log()


@pytest.fixture
def start_bystander(tmp_path: Path) -> Iterator[StartBystander]:
    """Starts programs of the player, and ends them with the test."""
    with ExitStack() as started:

        def start(screen: Screen, *arguments: str) -> Bystander:
            return started.enter_context(closing(Bystander(screen, tmp_path, *arguments)))

        yield start


@pytest.fixture
def look(qapp: object) -> Look:
    return Look(DARK, 1.0)


@pytest.fixture
def screen(qtbot: QtBot, look: Look) -> AuthScreen:
    """The lock's content, in a window that has the keyboard."""
    screen = AuthScreen(look, ManualClock())
    screen.resize(1280, 720)
    qtbot.addWidget(screen)
    with qtbot.waitExposed(screen):
        screen.show()
    screen.activateWindow()
    qtbot.waitUntil(screen.isActiveWindow)
    return screen


@pytest.fixture(autouse=True)
def _short_paths(tmp_path: Path) -> None:
    # A Unix socket's path may have 107 bytes; a test folder that is longer fails here, not in Qt.
    assert len(os.fsencode(tmp_path / "agent.sock")) < 108
