"""What both platforms share: types and errors."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Protocol

Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Called for each connection to the local endpoint."""


class FolderInUse(Exception):
    """Another agent works in this data folder."""


class Listener(Protocol):
    """A local endpoint being listened on."""

    def close(self) -> None:
        """Accept no more."""
        ...


class Input(Protocol):
    """The standard input of a program."""

    def write(self, data: bytes) -> None: ...
    async def drain(self) -> None: ...
    def close(self) -> None: ...


class Process(Protocol):
    """A program that was started; `asyncio` has them, and `windows_sessions`."""

    @property
    def pid(self) -> int: ...
    @property
    def stdin(self) -> Input | None: ...
    async def wait(self) -> int: ...


class StartedProgram:
    """A program that was started, by itself: what it is told, and how it ended."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.pid = process.pid

    async def wait(self) -> int:
        """The program's own exit code, once it ends; those it started may outlive it."""
        return await self._process.wait()

    async def hand_over(self, line: bytes) -> None:
        """Write one line to the program's standard input and close it."""
        if self._process.stdin is None:
            raise ValueError("started without standard input")
        with contextlib.suppress(ConnectionError):  # it died already; wait() tells
            self._process.stdin.write(line + b"\n")
            await self._process.stdin.drain()
        self._process.stdin.close()
