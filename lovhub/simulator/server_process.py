"""The server as a child process of the demonstration: started, watched, stopped, never left behind."""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
from collections import deque
from typing import Any

STOP_SECONDS = 20.0
_LINES_KEPT = 200
_PR_SET_PDEATHSIG = 1


class ServerGone(Exception):
    """The server ended by itself; `lines` is the last it said."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class ServerProcess:
    """`lovhub serve` on a data folder. Its console is read, not shown."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._lines: deque[str] = deque(maxlen=_LINES_KEPT)
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, *words: str, program: str = "serve") -> "ServerProcess":
        """Start it with these words after `lovhub serve`, or after another of our programs; raises OSError."""
        environment = os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "lovhub",
            program,
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=environment,
            **_apart_from_our_console(),
        )
        return cls(process)

    @property
    def lines(self) -> list[str]:
        """What it said on its console, the last of it."""
        return list(self._lines)

    def check(self) -> None:
        """Raise ServerGone if it does not run."""
        if self._process.returncode is not None:
            raise ServerGone(self.lines)

    async def watch(self) -> None:
        """Return when it has ended and all it said is read."""
        await self._process.wait()
        await self._reader

    async def stop(self) -> None:
        """Ask it to end, and insist after STOP_SECONDS."""
        if self._process.returncode is None:
            self._process.send_signal(_ASK_TO_END)
            try:
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
            except TimeoutError:
                self._process.kill()
        await self.watch()

    async def _read(self) -> None:
        stream = self._process.stdout
        while stream is not None and (line := await stream.readline()):
            self._lines.append(line.decode("utf-8", errors="replace").rstrip())


if sys.platform == "win32":
    _ASK_TO_END = signal.CTRL_BREAK_EVENT

    def _apart_from_our_console() -> dict[str, Any]:
        """Ctrl+C is for us: we stop the PCs first and the server after them."""
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}

else:
    _ASK_TO_END = signal.SIGTERM

    def _apart_from_our_console() -> dict[str, Any]:
        """Ctrl+C is for us: we stop the PCs first and the server after them."""
        if sys.platform != "linux":
            return {"start_new_session": True}
        library = ctypes.CDLL(None)  # loaded here: between fork and exec little is allowed
        parent = os.getpid()

        def die_with_the_parent() -> None:
            library.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

        return {"start_new_session": True, "preexec_fn": die_with_the_parent}
