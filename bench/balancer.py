"""A small proxy: hands connections to one of several targets, and can let everything stand still."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable

from tests.evening.processes import free_port

Opens = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Balancer:
    """Hands each new connection to a target that takes it, chosen at random."""

    def __init__(self, targets: list[Opens], *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._targets = targets
        self.host = host
        self.port = port or free_port()
        self._flows = asyncio.Event()
        self._flows.set()
        self.taken_at: list[float] = []
        """When each connection came, by `time.monotonic`."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._take, self.host, self.port)

    async def cut(self) -> None:
        """From now on all stands still, without a word to anybody."""
        self._flows.clear()

    async def mend(self) -> None:
        """It goes on."""
        self._flows.set()

    async def stop(self) -> None:
        """Cut all connections."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.taken_at.append(time.monotonic())
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            for open_target in random.sample(self._targets, len(self._targets)):
                try:
                    there, back = await open_target()
                except OSError:
                    continue
                await self._both_ways(reader, writer, there, back)
                return
        finally:
            writer.close()

    async def _both_ways(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        back: asyncio.StreamWriter,
    ) -> None:
        ways = [
            asyncio.create_task(self._copy(reader, back)),
            asyncio.create_task(self._copy(there, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            back.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()


def to(port: int) -> Opens:
    """A target on this computer."""
    return lambda: asyncio.open_connection("127.0.0.1", port)
