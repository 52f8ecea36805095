"""The load: WebSockets over TLS, spoken by hand, so that thousands of them cost one core little."""

import asyncio
import base64
import contextlib
import os
import re
import signal
import ssl
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar, cast

AT_ONCE = 20
"""Handshakes under way: a server turns strangers away when too many knock at once."""

PATIENCE_SECONDS = 60.0

_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_LAST_PART = 0x80
_MASKED = 0x80
_NO_MASK = bytes(4)
"""A mask of zeros: the server must take it off all the same, and we need not put it on."""

_SIGNALS = (
    []
    if sys.platform == "win32"
    else [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGALRM")]
)

_open: "set[Socket]" = set()

Value = TypeVar("Value")
Kind = TypeVar("Kind", bound="Socket")


class Socket(asyncio.Protocol):
    """One WebSocket, seen from the client. `heard` is called with each text that comes."""

    def __init__(self, path: str, headers: str = "") -> None:
        self.heard: Callable[[bytes], None] = lambda _text: None
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.bytes_heard = 0
        self.is_lost = False
        self._path = path
        self._headers = headers
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See Protocol."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's only looks like one
        _open.add(self)
        key = base64.b64encode(os.urandom(16)).decode()
        self._transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"{self._headers}\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """See Protocol."""
        self.is_lost = True
        _open.discard(self)
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionError("closed before it was opened"))

    def data_received(self, data: bytes) -> None:
        """See Protocol."""
        self.bytes_heard += len(data)
        buffer = self._buffer + data if self._buffer else data
        if not self.opened.done():
            head, found, rest = buffer.partition(b"\r\n\r\n")
            if not found:
                self._buffer = buffer
                return
            if b" 101 " not in head[:20]:
                self.opened.set_exception(ConnectionError(head[:80].decode(errors="replace")))
                self.close()
                return
            self.opened.set_result(None)
            buffer = rest
        self._buffer = self._take_frames(buffer)

    def _take_frames(self, buffer: bytes) -> bytes:
        """Hand on what is whole; returns the rest."""
        at = 0
        while len(buffer) - at >= 2:
            size, start = buffer[at + 1], at + 2
            if size >= 126:
                width = 2 if size == 126 else 8
                start += width
                if len(buffer) < start:
                    break
                size = int.from_bytes(buffer[start - width : start], "big")
            if len(buffer) < start + size:
                break
            payload = buffer[start : start + size]
            kind = buffer[at] & 0x0F
            at = start + size
            if kind == _TEXT:
                self.heard(payload)
            elif kind == _PING:
                self._send(_PONG, payload)
            elif kind == _CLOSE:
                self.close()
        return buffer[at:]

    def say(self, text: bytes) -> None:
        """Send a text."""
        self._send(_TEXT, text)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Be gone, without a goodbye."""
        if self._transport is not None:
            self._transport.abort()

    def _send(self, kind: int, payload: bytes) -> None:
        size = len(payload)
        if size < 126:
            head = bytes((_LAST_PART | kind, _MASKED | size))
        else:
            head = bytes((_LAST_PART | kind, _MASKED | 126)) + size.to_bytes(2, "big")
        assert self._transport is not None  # noqa: S101 (whoever says something is connected)
        self._transport.write(head + _NO_MASK + payload)


async def open_socket(port: int, tls: ssl.SSLContext, make: Callable[[], Kind]) -> Kind:
    """A WebSocket of the kind that `make` makes, which the server has accepted."""
    _, socket = await asyncio.get_running_loop().create_connection(
        make, "127.0.0.1", port, ssl=tls, server_hostname="localhost"
    )
    await asyncio.wait_for(socket.opened, PATIENCE_SECONDS)
    return socket


class Http:
    """One kept connection over which pages are asked for, one after another."""

    def __init__(self, port: int, tls: ssl.SSLContext, from_address: str = "127.0.0.1") -> None:
        self._port, self._tls = port, tls
        self._from_address = from_address
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.bytes_heard = 0
        self.body = b""
        """Of the last answer, where its length was told."""

    async def ask(self, words: str, headers: str = "", body: bytes = b"") -> int:
        """Such as `GET /admin`; returns the answer's status, its body read."""
        if (
            self._streams is None or self._streams[0].at_eof()
        ):  # closed, where nobody asked for long
            self._streams = await asyncio.open_connection(
                "127.0.0.1", self._port, ssl=self._tls, server_hostname="localhost",
                local_addr=(self._from_address, 0),
            )  # fmt: skip
        reader, writer = self._streams
        writer.write(
            f"{words} HTTP/1.1\r\nHost: localhost:{self._port}\r\n"
            f"Content-Length: {len(body)}\r\n{headers}\r\n".encode()
            + body
        )
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_SECONDS)
        self.bytes_heard += len(head) + await self._skip_body(reader, head.lower())
        return int(head.split(b" ", 2)[1])

    async def _skip_body(self, reader: asyncio.StreamReader, head: bytes) -> int:
        found = re.search(rb"content-length: (\d+)", head)
        if found is not None:
            self.body = await reader.readexactly(int(found[1]))
            return len(self.body)
        heard = 0
        while b"chunked" in head:
            line = await reader.readline()
            size = int(line, 16)
            heard += len(line) + len(await reader.readexactly(size + 2))
            if not size:
                break
        return heard

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].transport.abort()


async def few_at_a_time(
    works: Sequence[Callable[[], Coroutine[Any, Any, Value]]], at_once: int = AT_ONCE
) -> list[Value]:
    """Do all of these, so many at once; their results in the order given."""
    gate = asyncio.Semaphore(at_once)

    async def one(work: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        async with gate:
            return await work()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(work)) for work in works]
    return [task.result() for task in tasks]


def run(work: Coroutine[Any, Any, Value]) -> Value:
    """Run the load on the fastest loop there is; what it has left open is cut off at the end.

    Loops swallow what a signal's handler raises: the signal ends the work, and is then raised once more.
    """
    run_loop: Callable[[Coroutine[Any, Any, Value]], Value] = asyncio.run
    with contextlib.suppress(ImportError):  # not on Windows
        import uvloop  # noqa: PLC0415

        run_loop = uvloop.run
    came: list[int] = []
    try:
        return run_loop(_until_signal(work, came))
    except asyncio.CancelledError:
        for number in came:
            signal.raise_signal(number)
        raise


async def _until_signal(work: Coroutine[Any, Any, Value], came: list[int]) -> Value:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None  # noqa: S101 (a coroutine that runs is one's)

    def end(number: int) -> None:
        came.append(number)
        task.cancel()

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in before:
        loop.add_signal_handler(number, end, number)
    try:
        return await work
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
        for socket in list(_open):
            socket.abort()
        while _open:  # noqa: ASYNC110 (it is soon over, and nothing is measured any more)
            await asyncio.sleep(0.001)
