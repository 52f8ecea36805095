"""Whoever only knocks takes nobody else's place at the door."""

import asyncio
import contextlib
import errno
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import uvicorn
import uvloop
from starlette.responses import PlainTextResponse
from uvicorn.server import ServerState

from lovhub.server import doorway, strangers
from lovhub.server.certificate import Certificate, ensure_certificate
from lovhub.server.doorway import Doorway
from lovhub.server.serving import PatientProtocol, tls_context

WAIT_SECONDS = 30.0
CROWD = 3

Loop = Callable[[], asyncio.AbstractEventLoop]


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def loop(request: pytest.FixtureRequest) -> Loop:
    """Windows has the one, Linux the other."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return ensure_certificate(tmp_path_factory.mktemp("certificate"), time.time())


@pytest.fixture(autouse=True)
def strangers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loopback addresses play those of the Wi-Fi."""
    monkeypatch.setattr(strangers, "is_own_machine", lambda _address: False)
    monkeypatch.setattr(doorway, "MOST_IN_THE_DOOR_PER_ADDRESS", CROWD)


@contextlib.asynccontextmanager
async def _server(certificate: Certificate) -> AsyncIterator[int]:
    config = uvicorn.Config(PlainTextResponse("in"), lifespan="off", log_config=None)
    config.load()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    waiting: set[PatientProtocol] = set()
    door = Doorway(
        listener, lambda: PatientProtocol(config, ServerState(), waiting), tls_context(certificate)
    )
    try:
        yield listener.getsockname()[1]
    finally:
        door.close()
        await door.wait_closed()


def _run(certificate: Certificate, loop: Loop, work: Callable[[int], Awaitable[None]]) -> None:
    async def all_of_it() -> None:
        async with _server(certificate) as port:
            await work(port)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(asyncio.wait_for(all_of_it(), 3 * WAIT_SECONDS))


async def _page(certificate: Certificate, port: int, address: str) -> bytes:
    """What a browser at this address is answered; b"" if it is turned away."""
    trust = ssl.create_default_context(cadata=certificate.cert_path.read_text())
    try:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=trust, server_hostname="localhost", local_addr=(address, 0)
        )
    except OSError:
        return b""
    writer.write(b"GET / HTTP/1.1\r\nHost: club\r\nConnection: close\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), WAIT_SECONDS)
    writer.close()
    return answer


class Crowd(contextlib.ExitStack):
    """People at one address who begin no handshake."""

    async def knocks(self, port: int) -> Callable[[], Awaitable[bytes]]:
        """One more of them, and how to hear what they are told: b"" is the door."""
        loop = asyncio.get_running_loop()
        knocking = self.enter_context(socket.socket())
        knocking.bind(("127.0.0.9", 0))
        knocking.setblocking(False)
        await loop.sock_connect(knocking, ("127.0.0.1", port))
        return lambda: asyncio.wait_for(loop.sock_recv(knocking, 1), WAIT_SECONDS)


def test_a_crowd_that_only_knocks_keeps_nobody_out(certificate: Certificate, loop: Loop) -> None:
    async def work(port: int) -> None:
        with Crowd() as crowd:
            told = [await crowd.knocks(port) for _ in range(CROWD)]
            assert b"200 OK" in await _page(certificate, port, "127.0.0.8")
            # Who wants to come in at the crowd's own address takes the place of who has stood there longest.
            assert b"200 OK" in await _page(certificate, port, "127.0.0.9")
            assert await told[0]() == b""

    _run(certificate, loop, work)


def test_a_crowd_from_everywhere_keeps_nobody_out(
    certificate: Certificate, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorway, "MOST_IN_THE_DOOR", CROWD)

    async def work(port: int) -> None:
        with Crowd() as crowd:
            told = [await crowd.knocks(port) for _ in range(CROWD)]
            assert b"200 OK" in await _page(certificate, port, "127.0.0.8")
            assert await told[0]() == b""

    _run(certificate, loop, work)


def test_who_does_not_come_in_is_not_waited_for(
    certificate: Certificate, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorway, "HANDSHAKE_SECONDS", 0.2)

    async def work(port: int) -> None:
        with Crowd() as crowd:
            for told in [await crowd.knocks(port) for _ in range(CROWD)]:
                assert await told() == b""
        monkeypatch.setattr(doorway, "HANDSHAKE_SECONDS", WAIT_SECONDS)
        assert b"200 OK" in await _page(certificate, port, "127.0.0.9")

    _run(certificate, loop, work)


def test_without_a_free_handle_it_tries_again(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(port: int) -> None:
        loop = asyncio.get_running_loop()
        accept, refusals = loop.sock_accept, [OSError(errno.EMFILE, "Too many open files")]

        async def sock_accept(listener: socket.socket) -> tuple[socket.socket, tuple[str, int]]:
            if refusals:
                raise refusals.pop()
            return await accept(listener)

        monkeypatch.setattr(loop, "sock_accept", sock_accept)
        for _ in range(2):  # the first is waited for already
            assert b"200 OK" in await _page(certificate, port, "127.0.0.9")
        assert not refusals

    _run(certificate, asyncio.new_event_loop, work)
