"""A gaming PC's programs on a screen of their own, and when what they show is complete."""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import psutil
from PIL import Image, ImageChops

from bench import locking_agent
from bench.frame import LeftOut
from bench.processes import LOAD, ROOT, SERVER, Program, on_core
from tests.launcher.fake_agent import LOCKED, FakeAgent
from tests.support.programs import dies_with_the_tests, stop
from tests.support.xvfb import Screen

ABSENT = Path(__file__).parent / "absent"
"""In place of packages that are here for the server's or our own sake, and on no gaming PC."""
TOKEN = "token-for-this-process"
WIDTH, HEIGHT = 1366, 768
TIMES_SMALLER = 8
STILL_SECONDS = 1.0
MOST_SECONDS = 60.0
NOTICEABLE, FEW = 24, 0.002
"""How much a point must differ, and of how many points that may be true: a caret blinks."""


class Started:
    """A program on the server's core; at the end it is gone."""

    def __init__(self, words: Sequence[str], screen: Screen | None = None, said: str = "") -> None:
        environment = dict(os.environ) if screen is None else screen.environment()
        self.told_all = threading.Event()
        """What it shows before it has been told everything is not complete, however still it is."""
        self.began = time.perf_counter()
        with on_core(SERVER):
            self._process = subprocess.Popen(
                [*dies_with_the_tests("KILL"), sys.executable, *words],
                cwd=ROOT,
                env={**environment, "PYTHONPATH": os.pathsep.join((str(ABSENT), str(ROOT)))},
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl+C is for us: we end it
            )
        assert self._process.stdin is not None  # noqa: S101 (it was asked for)
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{said}\n".encode())
            self._process.stdin.close()
        self._asked = psutil.Process(self._process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        stop(self._process, signal.SIGKILL)

    def memory_bytes(self) -> int:
        """What it holds in memory."""
        self.look()
        held: int = self._asked.memory_info().rss
        return held

    def cpu_seconds(self) -> float:
        """What it has computed so far."""
        self.look()
        times = self._asked.cpu_times()
        return float(times.user + times.system)

    def look(self) -> None:
        """Raises RuntimeError if it has ended."""
        if self._process.poll() is not None:
            raise RuntimeError(f"a measured program ended with {self._process.returncode}")


@contextlib.contextmanager
def screen() -> Iterator[Screen]:
    """An empty screen with a window manager; raises LeftOut where there can be none."""
    missing = [name for name in ("Xvfb", "openbox", "xprop") if shutil.which(name) is None]
    if missing or importlib.util.find_spec("PySide6") is None:
        raise LeftOut(f"{', '.join(missing) or 'PySide6'} is not installed here")
    with Screen(WIDTH, HEIGHT) as there:
        yield there


@contextlib.contextmanager
def bare_window(there: Screen, *words: str) -> Iterator[Started]:
    """The window of `bench/baseline/window.py`."""
    with Started(["-m", "bench.baseline.window", *words], there) as started:
        started.told_all.set()
        yield started


@contextlib.contextmanager
def launcher(there: Screen, folder: Path) -> Iterator[tuple[Started, FakeAgent]]:
    """The launcher, and an agent in this process with nothing behind it, which tells it to be locked."""
    agent = FakeAgent(folder / "agent.sock")
    try:
        with _launched(there, folder) as started:

            def lock() -> None:
                agent.accept()
                agent.say(LOCKED)
                started.told_all.set()

            threading.Thread(target=lock, daemon=True).start()
            yield started, agent
    finally:
        agent.close()


@contextlib.contextmanager
def locked_launcher(there: Screen, folder: Path) -> Iterator[Started]:
    """The launcher, and an agent in a process of its own that only tells it to be locked."""
    with _Beside(locking_agent.__name__, str(folder / "agent.sock")) as agent:
        agent.said(locking_agent.LISTENS)
        with _launched(there, folder) as started:

            def tell() -> None:
                with contextlib.suppress(RuntimeError):  # ended before it came to that
                    agent.said(locking_agent.TOLD)
                    started.told_all.set()

            threading.Thread(target=tell, daemon=True).start()
            yield started


class _Beside(Program):
    """One that is not measured."""

    core = LOAD


def _launched(there: Screen, folder: Path) -> Started:
    words = ["-m", "lovhub", "launcher", "--socket", str(folder / "agent.sock")]
    return Started([*words, "--data", str(folder)], there, said=TOKEN)


def seconds_until_complete(there: Screen, started: Started, empty: Image.Image) -> float:
    """From the program's start until the screen looks as it goes on to look."""
    pictures: list[tuple[float, Image.Image]] = []
    while time.perf_counter() - started.began < MOST_SECONDS:
        started.look()
        shown = glance(there)
        now = time.perf_counter() - started.began
        pictures.append((now, shown))
        if not started.told_all.is_set() or alike(shown, empty):
            continue
        since = next((at for at, one in reversed(pictures) if not alike(one, shown)), 0.0)
        if now - max(since, pictures[0][0]) > STILL_SECONDS:
            return next(at for at, _one in pictures if at > since)
    raise RuntimeError(f"the screen is not still after {MOST_SECONDS:g} s")


def glance(there: Screen) -> Image.Image:
    """The screen now, small."""
    return there.screenshot().convert("RGB").reduce(TIMES_SMALLER)


def alike(one: Image.Image, other: Image.Image) -> bool:
    """Whether only a few points differ."""
    differing = ImageChops.difference(one, other).convert("L").histogram()[NOTICEABLE:]
    return sum(differing) <= FEW * one.width * one.height
