"""A screen for tests that open windows: Xvfb on a free display number, with or without openbox.

`display` is what a test of a window asks for. Tests with pytest-qt need not ask: their application
is created on this screen by itself.
"""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from PIL import Image, ImageGrab

from tests.support.programs import dies_with_the_tests, find_program, stop

START_SECONDS = 60
POLL_SECONDS = 0.05


class Screen(AbstractContextManager["Screen"]):
    """A virtual X screen. `name` is what goes into DISPLAY, for example ":101".

    Without a window manager a full-screen window does not get the size of the screen on X11, so
    there is one unless the test must be the first to receive every key.
    """

    def __init__(
        self, width: int = 1920, height: int = 1080, *, window_manager: bool = True
    ) -> None:
        self.width = width
        self.height = height
        self.name = ""
        self._window_manager = window_manager
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        try:
            self._start_server()
            if self._window_manager:
                self._start_window_manager()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()

    def environment(self) -> dict[str, str]:
        """The environment for a program that should open its windows here."""
        return {**os.environ, "DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb"}

    def screenshot(self, path: Path | None = None) -> Image.Image:
        """What is on the screen now, as an image; also saved as PNG when a path is given."""
        image = ImageGrab.grab(xdisplay=self.name)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            image.save(path)
        return image

    def xdotool(self, *words: str) -> str:
        """Run xdotool here, for example `xdotool("key", "alt+F4")`, and return what it printed."""
        return self._run(find_program("xdotool", "xdotool"), words)

    def keyboard_pid(self) -> int | None:
        """The process whose window gets the keys; the window manager gives them to a new one a little later."""
        try:
            return int(self.xdotool("getwindowfocus", "getwindowpid"))
        except subprocess.CalledProcessError:
            return None  # the root window is nobody's

    def _run(self, program: str, words: Sequence[str]) -> str:
        done = subprocess.run(
            [program, *words],
            env=self.environment(),
            capture_output=True,
            check=True,
            text=True,
            timeout=START_SECONDS,
        )
        return done.stdout

    def _start_server(self) -> None:
        # Xvfb chooses a free number itself and writes it to the pipe once it accepts clients,
        # so there is neither a race for a number nor a guess about when it is ready.
        reader, writer = os.pipe()
        try:
            command = [
                *dies_with_the_tests(),
                find_program("Xvfb", "xvfb"),
                "-displayfd",
                str(writer),
                "-screen",
                "0",
                f"{self.width}x{self.height}x24",
                "-nolisten",
                "tcp",
                "-noreset",
                # A key is held for as long as a busy machine keeps whoever has pressed it from letting go: it would be
                # typed several times.
                "-r",
            ]
            self._spawn(command, pass_fds=(writer,))
        finally:
            os.close(writer)
        with os.fdopen(reader) as pipe:
            number = pipe.readline().strip()
        if not number:
            message = "Xvfb ended before it was ready"
            raise RuntimeError(message)
        self.name = f":{number}"

    def _start_window_manager(self) -> None:
        self._spawn([*dies_with_the_tests(), find_program("openbox", "openbox"), "--sm-disable"])
        xprop = find_program("xprop", "x11-utils")
        deadline = time.monotonic() + START_SECONDS
        while "window id" not in self._run(xprop, ["-root", "_NET_SUPPORTING_WM_CHECK"]):
            if time.monotonic() > deadline:
                message = "openbox did not take charge of the screen"
                raise RuntimeError(message)
            time.sleep(POLL_SECONDS)

    def _spawn(self, command: list[str], pass_fds: Sequence[int] = ()) -> None:
        environment = self.environment() if self.name else None
        self._processes.append(
            subprocess.Popen(
                command,
                env=environment,
                pass_fds=pass_fds,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )

    def _stop(self) -> None:
        while self._processes:
            stop(self._processes.pop())


@pytest.fixture(scope="session")
def display() -> Iterator[Screen]:
    """The test run's own screen with openbox on it; DISPLAY points at it from here on."""
    with Screen() as screen, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISPLAY", screen.name)
        patch.setenv("QT_QPA_PLATFORM", "xcb")
        yield screen


@pytest.fixture(scope="session")
def qapp_args(display: Screen) -> list[str]:
    """Arguments of pytest-qt's application, which so opens on the test run's own screen."""
    from lovhub.launcher import theme  # noqa: PLC0415 (whoever only needs a screen needs no Qt)

    return ["lovhub-tests", *theme.ARGUMENTS]
