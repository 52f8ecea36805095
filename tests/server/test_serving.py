"""Patience with slow clients has an end, and those that do nothing wrong do not notice."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from lovhub.server import serving
from lovhub.server.serving import PatientProtocol
from lovhub.server.sockets import ClubSocket

WAIT_SECONDS = 300.0
"""Longer than the server waits for anything, and, as time is put on here, soon over."""


class _PutOn(asyncio.SelectorEventLoop):
    """A loop whose clock can be put on: nobody waits, and a computer that is busy takes no time from who is in time."""

    ahead_seconds = 0.0

    def time(self) -> float:
        return super().time() + self.ahead_seconds


def _put_on(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, _PutOn)
    loop.ahead_seconds += seconds


async def _until_cut_off(reader: asyncio.StreamReader) -> bytes:
    """What comes until the server has lost its patience."""
    reading = asyncio.create_task(reader.read())
    while not reading.done():
        _put_on(1)
        await asyncio.sleep(0.001)
    with contextlib.suppress(ConnectionResetError):  # it had not yet read what it was told last
        return await reading
    return b""


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(body)(scope, receive, send)


@contextlib.asynccontextmanager
async def _server() -> AsyncIterator[int]:
    config = uvicorn.Config(
        _echo,
        lifespan="off",
        log_config=None,
        ws=ClubSocket,
        timeout_keep_alive=serving.KEEP_ALIVE_SECONDS,
    )
    config.load()
    waiting: set[PatientProtocol] = set()
    server = await asyncio.get_running_loop().create_server(
        lambda: PatientProtocol(config, ServerState(), waiting), "127.0.0.1", 0
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def _talk(
    conversation: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> None:
    async def run() -> None:
        async with _server() as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                await asyncio.wait_for(conversation(reader, writer), WAIT_SECONDS)
            finally:
                writer.close()
                await asyncio.gather(writer.wait_closed(), return_exceptions=True)

    with asyncio.Runner(loop_factory=_PutOn) as runner:
        runner.run(run())


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: club\r\n",
        b"POST / HTTP/1.1\r\nHost: club\r\nContent-Length: 10\r\n\r\n12345",
    ],
    ids=["nothing", "half a head", "half a form"],
)
def test_a_client_that_does_not_go_on_is_cut_off(begun: bytes) -> None:
    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(begun)
        assert b"200 OK" not in await _until_cut_off(reader)

    _talk(conversation)


def test_a_form_that_comes_byte_by_byte_is_given_no_more_time() -> None:
    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"POST / HTTP/1.1\r\nHost: club\r\nContent-Length: 100000\r\n\r\n")
        reading = asyncio.create_task(reader.read())
        while not reading.done():
            writer.write(b"x")
            _put_on(1)
            await asyncio.sleep(0.001)
        with contextlib.suppress(
            ConnectionResetError
        ):  # it was cut off while we were still talking
            assert await reading == b""

    _talk(conversation)


def test_a_second_request_on_the_same_connection_is_timed_anew() -> None:
    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            _put_on(0.75 * serving.HEAD_SECONDS)  # together longer than one head may take
            await asyncio.sleep(0)
            writer.write(b"POST / HTTP/1.1\r\nHost: club\r\nContent-Length: 2\r\n\r\nok")
            answer = await reader.readuntil(b"\r\n\r\nok")
            assert answer.startswith(b"HTTP/1.1 200 OK")
        writer.write(b"GET / HT")
        assert await _until_cut_off(reader) == b""

    _talk(conversation)


def test_a_head_without_end_is_cut_off() -> None:
    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET / HTTP/1.1\r\nX-Long: " + b"x" * (serving.LARGEST_HEAD_BYTES + 1))
        with contextlib.suppress(
            ConnectionResetError
        ):  # it was cut off while we were still talking
            assert await reader.read() == b""

    _talk(conversation)


def test_of_too_many_silent_connections_the_newest_is_turned_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serving, "MOST_WAITING", 1)

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("peername")[1]
        late_reader, late_writer = await asyncio.open_connection("127.0.0.1", port)
        assert await late_reader.read() == b""
        late_writer.close()
        writer.write(b"POST / HTTP/1.1\r\nHost: club\r\nContent-Length: 2\r\n\r\nok")
        assert b"200 OK" in await reader.readuntil(b"\r\n\r\nok")

    _talk(conversation)
