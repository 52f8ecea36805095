"""Starting and stopping the programs that tests need beside them."""

import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.warm import WarmProcess

STOP_SECONDS = 15

RUNS_ON = "import threading; threading.Event().wait(600)"
"""What a game does as far as its test is concerned: it is there until it is ended. Nobody waits for its own end, which
only sees to it that a game forgotten by a broken test is gone ten minutes later."""


def find_program(name: str, package: str) -> str:
    """Path of an installed program, or an error that names the Debian package it comes in."""
    path = shutil.which(name)
    if path is None:
        message = f"{name} is not installed; `make system` installs it (Debian package {package})"
        raise FileNotFoundError(message)
    return path


def dies_with_the_tests(signal_name: str = "TERM") -> list[str]:
    """Words to put before a command so that it ends even when the test run is killed outright.

    Linux only: the kernel sends the signal when the thread that started the command ends.
    """
    if not sys.platform.startswith("linux"):
        return []
    return [find_program("setpriv", "util-linux"), "--pdeathsig", signal_name]


def stop(
    process: "subprocess.Popen[bytes] | WarmProcess", polite_signal: signal.Signals = signal.SIGTERM
) -> None:
    """End a program that a test started: ask, wait, then insist."""
    if process.poll() is None:
        process.send_signal(polite_signal)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)
