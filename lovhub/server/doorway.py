"""Taking connections in. Who stands in the door, in the middle of a TLS handshake, holds a file handle already.

asyncio's own server takes in whoever knocks and waits for each of them: a thousand who only knock use up all file
handles, and then neither PCs nor people come in.
"""

import asyncio
import contextlib
import socket
import ssl
import sys
from collections.abc import Callable

import structlog

from lovhub.server.strangers import is_one_too_many

log = structlog.get_logger("doorway")

HANDSHAKE_SECONDS = 10

MOST_IN_THE_DOOR = 300
MOST_IN_THE_DOOR_PER_ADDRESS = 30

OUT_OF_HANDLES_SECONDS = 0.2
"""After the system has refused a new connection for want of handles: so long some may be given back."""

HANDLES = 8192
"""As many are asked of the system: many give a program 1024 until it asks."""


def ask_for_handles() -> None:
    """Raise the number of connections that this process may have, as far as the system lets it."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 (Windows has neither the module nor the limit)

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = HANDLES if hard == resource.RLIM_INFINITY else min(HANDLES, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Doorway:
    """One listening socket. `close` and `wait_closed` as asyncio's servers have them."""

    def __init__(
        self,
        listener: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        context: ssl.SSLContext,
    ) -> None:
        self._listener = listener
        self._protocol = protocol
        self._context = context
        self._in_the_door: dict[socket.socket, str] = {}
        """Whose handshake is under way, and from where; the longest first."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._accepting = asyncio.create_task(self._accept_for_ever())

    def close(self) -> None:
        """Take nobody in any more; who is inside stays."""
        self._accepting.cancel()
        for connection in list(self._in_the_door):
            self._send_away(connection)
        self._listener.close()

    async def wait_closed(self) -> None:
        """Until nobody stands in the door."""
        await asyncio.gather(self._accepting, *self._tasks, return_exceptions=True)

    async def _accept_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, address = await loop.sock_accept(self._listener)
            except OSError as error:
                log.warning("not_taken_in", why=str(error))
                await asyncio.sleep(OUT_OF_HANDLES_SECONDS)
                continue
            self._knocked(connection, str(address[0]))

    def _knocked(self, connection: socket.socket, address: str) -> None:
        from_there = [other for other, where in self._in_the_door.items() if where == address]
        if is_one_too_many(
            address,
            from_there=len(from_there),
            in_all=len(self._in_the_door),
            most_from_there=MOST_IN_THE_DOOR_PER_ADDRESS,
            most_in_all=MOST_IN_THE_DOOR,
        ):
            # A handshake takes a moment: who has stood there longest does not want to come in.
            self._send_away(from_there[0] if from_there else next(iter(self._in_the_door)))
        self._in_the_door[connection] = address
        task = asyncio.create_task(self._let_in(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _send_away(self, connection: socket.socket) -> None:
        """End the handshake by ending the connection: the loop holds it, and closes it itself."""
        del self._in_the_door[connection]
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    async def _let_in(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        connection.setblocking(False)
        try:
            await loop.connect_accepted_socket(
                self._protocol,
                connection,
                ssl=self._context,
                ssl_handshake_timeout=HANDSHAKE_SECONDS,
            )
        except OSError:
            # ssl.SSLError and the handshake's timeout are among them: who did not come in has said nothing of worth.
            connection.close()
        finally:
            self._in_the_door.pop(connection, None)
