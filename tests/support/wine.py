"""A real Windows Python under Wine, for the tests of the Windows half of the PC's programs.

`make wine` sets it up in build/wine. Wine is not Windows: what passes here is evidence about our
code, not about Windows. Tests that run inside are in tests/wine/inside.
"""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.support.programs import dies_with_the_tests, find_program
from tests.support.xvfb import Screen

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "wine"
RUN_SECONDS = 100
SERVER_SECONDS = 60
PYTHON_OPTIONS = ("-B", "-X", "utf8")
"""-B: Linux and Windows must not write each other's bytecode files."""


@dataclass(frozen=True)
class WineRun:
    """What a program under Wine left: its exit code, and what it printed (both streams)."""

    exit_code: int
    output: str


class Wine:
    """Wine with a prefix of its own, on a screen of its own."""

    def __init__(self, folder: Path, screen: Screen) -> None:
        self.folder = folder
        self.python = folder / "python" / "python.exe"
        self.system32 = folder / "prefix" / "drive_c" / "windows" / "system32"
        self.screen = screen

    def environment(self) -> dict[str, str]:
        """The environment of every Wine command."""
        environment = {
            **os.environ,
            "DISPLAY": self.screen.name,
            "LANG": "C.UTF-8",
            "WINEDEBUG": "-all",
            "WINEPREFIX": str(self.folder / "prefix"),
            # A crash must end the program, not open winedbg's window and wait for a click.
            # Mono and Gecko are not wanted; mscms is the stand-in from tests/wine/stubs.
            "WINEDLLOVERRIDES": "winedbg.exe=d;mscoree=;mshtml=;mscms=n,b",
        }
        environment.pop("QT_QPA_PLATFORM", None)  # xcb, from the tests on Linux
        return environment

    def start(self, *, has_services: bool = False) -> None:
        """Start Wine's own programs now, or the first test's output would stay open in them.

        `has_services`: Wine starts its manager of services by itself, and a `wineboot` by name a second one beside it;
        a service is then added to the one and started by the other.
        """
        self._server("-p")
        self._quietly(*(("cmd", "/c", "exit 0") if has_services else ("wineboot", "--init")))

    def stop(self) -> None:
        """End every program of this prefix."""
        self._server("-k", check=False)
        self._server("-w")

    def use_windows_10(self) -> None:
        """Make Wine pass for Windows 10, the oldest that the launcher supports."""
        self._quietly("winecfg", "-v", "win10")

    def run(self, program: Path | str, *words: str, seconds: float = RUN_SECONDS) -> WineRun:
        """Run a Windows program to its end; past its time it is killed and the test fails.

        A pipe takes its output: with a regular file as stdout a Windows Python does not start
        under Wine.
        """
        process = subprocess.Popen(
            [*dies_with_the_tests("KILL"), *_wine(), str(program), *words],
            cwd=ROOT,
            env=self.environment(),
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            text = output.decode(errors="replace")
            message = f"{program} {' '.join(words)} did not end in {seconds} s:\n{text}"
            raise AssertionError(message) from None
        return WineRun(process.returncode, output.decode(errors="replace").replace("\r\n", "\n"))

    def run_python(self, *words: str, seconds: float = RUN_SECONDS) -> WineRun:
        """Run the Windows Python from the project's folder, for example with "-m", "pytest"."""
        return self.run(self.python, *PYTHON_OPTIONS, *words, seconds=seconds)

    def python_command(self, *words: str) -> list[str]:
        """The same as words for a program that goes on beside the test."""
        return [*_wine(), str(self.python), *PYTHON_OPTIONS, *words]

    def _quietly(self, *words: str) -> None:
        subprocess.run(
            [*_wine(), *words],
            check=True,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SERVER_SECONDS,
        )

    def _server(self, *words: str, check: bool = True) -> None:
        subprocess.run(
            [find_program("wineserver", "wine"), *words],
            check=check,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SERVER_SECONDS,
        )


@cache
def _wine() -> tuple[str, ...]:
    """Words before a Windows program's name, which start it and whatever it starts.

    Linux places the heap of a program at random, newer ones anywhere in a GiB, where Wine 8 needs one page for itself
    (0x7ffe0000; "failed to map the shared user data"): of some ten thousand starts 4 failed, with "Internal error".
    So the heap is kept in its place, where that is permitted: in some containers it is not.
    """
    wine = find_program("wine", "wine")
    in_place = (find_program("setarch", "util-linux"), "--addr-no-randomize")
    return (*in_place, wine) if subprocess.call([*in_place, "true"]) == 0 else (wine,)


@contextmanager
def running_wine(folder: Path = FOLDER, *, has_services: bool = False) -> Iterator[Wine]:
    """Wine between its start and its stop; `has_services` as in `Wine.start`.

    Its screen has no window manager, which would take Alt+Tab and Alt+F4 before Wine sees them.
    """
    with Screen(window_manager=False) as screen:
        wine = Wine(folder, screen)
        wine.start(has_services=has_services)
        try:
            yield wine
        finally:
            wine.stop()


@pytest.fixture(scope="session")
def wine() -> Iterator[Wine]:
    """The test run's Wine with the Windows Python in it."""
    if not (FOLDER / "ready").exists():
        message = "Wine's Windows Python is not set up; run `make wine`"
        raise FileNotFoundError(message)
    with running_wine() as running:
        yield running
