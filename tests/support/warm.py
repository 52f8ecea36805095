"""Commands of LoVHub in processes of their own that need not import the program anew.

A process stands by that has imported it and done nothing else; a command is a fork of that process: with its own
memory, output, environment and signals, like one that was started from a console, but two seconds of computing
earlier. What depends on the start itself (the evening, the demonstration, Windows) starts as a club would.
"""

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing import reduction
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1
"""From prctl(2)."""


class WarmProcess:
    """As much of `subprocess.Popen` as tests ask for. It writes to `output` and `errors`, which may be closed after."""

    def __init__(
        self, words: list[str], environment: Mapping[str, str], cwd: Path, output: int, errors: int
    ) -> None:
        warm = multiprocessing.get_context("forkserver")
        warm.set_forkserver_preload(["tests.support.warm_imports"])
        self._process = warm.Process(
            target=_run,
            args=(words, dict(environment), cwd, _Descriptor(output), _Descriptor(errors)),
            daemon=True,
        )
        self._process.start()
        self.stdout: IO[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended, if it has; the negative number of a signal that ended it."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """How it ended, if it has."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired("lovhub", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """To a process that still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def start(words: list[str], environment: Mapping[str, str], cwd: Path) -> WarmProcess:
    """A command whose output and errors come through its `stdout`."""
    reading, writing = os.pipe()
    try:
        process = WarmProcess(words, environment, cwd, writing, writing)
    finally:
        os.close(writing)
    process.stdout = os.fdopen(reading, "rb")
    return process


def run(
    words: list[str], environment: Mapping[str, str], cwd: Path, timeout: float
) -> "subprocess.CompletedProcess[str]":
    """A command that ends by itself."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = WarmProcess(words, environment, cwd, output.fileno(), errors.fileno())
        try:
            code = process.wait(timeout)
        finally:
            process.kill()
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode())
    return subprocess.CompletedProcess(words, code, *texts)


class _Descriptor:
    """A file that goes along into the process."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __reduce__(self) -> tuple[Any, ...]:
        return _arrived, (reduction.DupFd(self._number),)


def _arrived(sent: Any) -> int:
    number: int = sent.detach()
    return number


def _run(
    words: list[str], environment: dict[str, str], cwd: Path, output: int, errors: int
) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(output, 1)
    os.dup2(errors, 2)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, write_through=True)  # type: ignore[union-attr]
    sys.argv = ["lovhub", *words]

    from lovhub.cli import main  # noqa: PLC0415 (imported already; here its output goes where it should)

    sys.exit(main(words))
