"""Processes that are killed at a commit, and what is left on the disk."""

import faulthandler
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from lovhub.server.context import ClubContext
from lovhub.server.staff import passwords

HANGS_SECONDS = 30

SERVER_FOLDER = "/lovhub/server/"


class Commits:
    """Counts the commits of a club's database, and can end the process at one of them."""

    def __init__(self) -> None:
        self.count = 0
        self.by: set[str] = set()
        """`room.module.function` of every operation whose transaction was committed."""

    @contextmanager
    def watched(
        self, club: ClubContext, before: int | None = None, after: int | None = None
    ) -> Iterator["Commits"]:
        """Die before or after the commit with this number, counted from 1."""
        dialect = club.database.engine.dialect
        really = dialect.do_commit

        def commit(connection: Any) -> None:
            self.count += 1
            self.by |= set(_operations(sys._getframe()))
            if self.count == before:
                die()
            really(connection)
            if self.count == after:
                die()

        dialect.do_commit = commit  # type: ignore[method-assign]
        try:
            yield self
        finally:
            del dialect.do_commit  # type: ignore[method-assign]


def die() -> None:
    """As by a power cut: nothing in this process gets to tidy up."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(HANGS_SECONDS)


def killed(club: ClubContext, operation: Callable[[ClubContext], object], **at: int) -> None:
    """Do the operation in a process of its own, which is killed at a commit."""
    club.database.close()  # a connection is of one process
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            faulthandler.dump_traceback_later(HANGS_SECONDS, exit=True, file=writing)
            passwords._pool = ThreadPoolExecutor(1)  # threads do not come along into a fork
            with Commits().watched(club, **at):
                operation(club)
            os.write(writing, b"it came to its end")
        except BaseException:  # noqa: BLE001 (this process may not go on as a second run of the tests)
            os.write(writing, traceback.format_exc().encode())
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), said
    assert os.WTERMSIG(status) == signal.SIGKILL, said


def _operations(frame: FrameType | None) -> Iterator[str]:
    while frame is not None:
        path, name = frame.f_code.co_filename, frame.f_code.co_qualname.split(".<locals>")[0]
        if SERVER_FOLDER in path:
            module = ".".join(Path(path.rsplit(SERVER_FOLDER, 1)[1]).with_suffix("").parts)
            yield f"{module}.{name}"
        frame = frame.f_back
