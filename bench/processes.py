"""Programs that are measured: on a core of their own, and gone when the measure ends, however it ends."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import psutil

from tests.support.programs import dies_with_the_tests, stop
from tests.support.warm import WarmProcess

ROOT = Path(__file__).parents[1]
START_SECONDS = 60.0
TICK_SECONDS = 0.01
_LINES_KEPT = 200


CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
"""Those that may be used; none where the system pins nothing."""

LOAD, SERVER = 0, -1
"""Whose core is which of them."""


@contextlib.contextmanager
def on_core(index: int) -> Iterator[None]:
    """Keep this process, and what it starts meanwhile, on one core."""
    if not CORES:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {CORES[index]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Program:
    """A program of ours on a core. Its console is kept, to be shown if it ends too early."""

    core = SERVER

    def __init__(self, module: str, *words: str) -> None:
        with on_core(self.core):
            self._process = self._start(module, words)
        self._lines: deque[str] = deque(maxlen=_LINES_KEPT)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._asked = psutil.Process(self._process.pid)

    def _start(self, module: str, words: Sequence[str]) -> "subprocess.Popen[bytes] | WarmProcess":
        return subprocess.Popen(
            [*dies_with_the_tests(), sys.executable, "-m", module, *words],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl+C is for us: we end it
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        # Its folder is thrown away, and a goodbye from thousands of PCs would take a minute.
        stop(self._process, signal.SIGKILL)
        self._reader.join(START_SECONDS)

    def said(self, text: str) -> str:
        """Wait until a line holds this text, and give the line."""
        end = time.monotonic() + START_SECONDS
        while True:
            found = next((line for line in list(self._lines) if text in line), None)
            if found is not None:
                return found
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the measured program did not start:\n" + "\n".join(self._lines))
            time.sleep(0.02)

    def cpu_seconds(self) -> float:
        """What it has computed so far, all threads together, in the kernel too."""
        times = self._asked.cpu_times()
        return times.user + times.system

    def computed_since(self, before: float) -> float:
        """What it has computed since that figure of `cpu_seconds`; at least what the system's clock can tell."""
        return max(TICK_SECONDS, self.cpu_seconds() - before)

    def memory_bytes(self) -> int:
        """What it holds in memory."""
        held: int = self._asked.memory_info().rss
        return held

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 (it was asked for)
        with self._process.stdout as output:
            for line in output:
                self._lines.append(line.decode(errors="replace").rstrip())
