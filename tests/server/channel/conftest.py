"""A real TLS server with the channel on it, and PCs that speak to it by hand."""

import asyncio
import ssl
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self, TypeVar

import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect

from lovhub.clock import ManualClock
from lovhub.protocol import CHANNEL_PATH, PROTOCOL_VERSION, pairing
from lovhub.protocol.channel import (
    Catalog,
    ClientFrame,
    Hello,
    PairChallenge,
    PairCommit,
    Paired,
    PairReveal,
    ServerFrame,
    ServerHello,
    Welcome,
    client_codec,
    server_codec,
)
from lovhub.server.certificate import ensure_certificate
from lovhub.server.channel.hub import Hub
from lovhub.server.channel.newsroom import Newsroom
from lovhub.server.context import ClubContext
from lovhub.server.live import HallRow
from lovhub.server.nodes.place import Place
from lovhub.server.payments.settings import Payments
from lovhub.server.sockets import ClubSocket
from tests.support.club import OWNER
from tests.support.live_desk import PatientServer

WAIT_SECONDS = 30.0
Frame = TypeVar("Frame", bound=ServerFrame)


class ChannelServer:
    """The hub under uvicorn, on a free port of the loopback address."""

    def __init__(
        self,
        club: ClubContext,
        folder: Path,
        payments: Payments | None = None,
        place: Place | None = None,
        port: int = 0,
    ) -> None:
        self.club = club
        self.certificate = ensure_certificate(folder, time.time())
        self.hub = Hub(club, self.certificate.der, payments, place)

        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            await self.hub.start()
            yield
            await self.hub.stop()

        config = uvicorn.Config(
            self.hub.in_front_of(Starlette(routes=self.hub.routes(), lifespan=lifespan)),
            host="127.0.0.1",
            port=port,
            log_level="warning",
            ws=ClubSocket,
            ws_per_message_deflate=False,
            ws_max_size=256 * 1024,
            ssl_certfile=self.certificate.cert_path,
            ssl_keyfile=self.certificate.key_path,
            timeout_graceful_shutdown=5,
        )
        self._server = PatientServer(config)
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self) -> Self:
        self._thread.start()
        deadline = time.monotonic() + WAIT_SECONDS
        while not self._server.started:
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.02)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.should_exit = True
        self._thread.join(WAIT_SECONDS)
        assert not self._thread.is_alive()

    def tls(self) -> ssl.SSLContext:
        """Trusts exactly this server's certificate."""
        return ssl.create_default_context(cadata=self.certificate.cert_path.read_text())

    @asynccontextmanager
    async def socket(self, from_address: str = "127.0.0.1") -> AsyncIterator["Pc"]:
        """A fresh connection of a PC that has said nothing yet."""
        async with connect(
            f"wss://127.0.0.1:{self.port}{CHANNEL_PATH}",
            ssl=self.tls(),
            server_hostname="localhost",
            max_size=None,
            local_addr=(from_address, 0),
        ) as websocket:
            yield Pc(websocket)


class Pc:
    """One end of the channel, by hand."""

    def __init__(self, websocket: ClientConnection) -> None:
        self.websocket = websocket

    async def say(self, frame: ClientFrame) -> None:
        await self.websocket.send(client_codec.encode(frame).decode())

    async def hear(self) -> ServerFrame:
        return server_codec.decode(await asyncio.wait_for(self.websocket.recv(), WAIT_SECONDS))

    async def hear_a(self, kind: type[Frame]) -> Frame:
        """The next frame of this kind; others are passed over."""
        while True:
            frame = await self.hear()
            if isinstance(frame, kind):
                return frame

    async def hello(self, paired: Paired, **changes: object) -> None:
        """Say hello as a paired PC does, after the server has."""
        await self.hear_a(ServerHello)
        await self.say(self.hello_of(paired, **changes))

    def hello_of(self, paired: Paired, **changes: object) -> Hello:
        """What a paired PC says of itself."""
        values = {
            "protocol": PROTOCOL_VERSION,
            "agent_version": "0.1",
            "computer_id": paired.computer_id,
            "token": paired.token,
            "boot_id": "boot-1",
            "hostname": "DESKTOP-1",
            "operating_system": "Windows 11",
            "journal_id": "journal-1",
            "lock": "locked",
        }
        return Hello(**{**values, **changes})  # type: ignore[arg-type]

    async def pair(
        self,
        hostname: str = "DESKTOP-1",
        *,
        key: bytes = b"",
        mac: str = "",
        bulk_token: str = "",
    ) -> tuple[str, ServerHello]:
        """Go through the exchange; returns the code that this side shows."""
        hello = await self.hear_a(ServerHello)
        key = key or Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        nonce = b"n" * pairing.NONCE_BYTES
        commit = pairing.commitment(key, nonce)
        await self.say(PairCommit(PROTOCOL_VERSION, hostname, commit, mac))
        challenge = await self.hear_a(PairChallenge)
        await self.say(PairReveal(public_key=key, nonce=nonce, bulk_token=bulk_token))
        code = pairing.pairing_code(
            identity_key=hello.identity.identity_key,
            certificate_sha256=hello.identity.certificate_sha256,
            public_key=key,
            pc_nonce=nonce,
            server_nonce=challenge.nonce,
        )
        return code, hello


async def eventually(question: Callable[[], object]) -> None:
    """Wait until the answer is true."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not question():
        assert time.monotonic() < deadline, question
        await asyncio.sleep(0.02)


@asynccontextmanager
async def much_to_be_shown(hub: Hub) -> AsyncIterator[None]:
    """So many news are still to be shown meanwhile that the next wait."""
    assert hub._loop is not None
    reading = hub.newsroom._reading
    await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(reading.acquire(), hub._loop))
    try:
        yield
    finally:
        hub.on_loop(reading.release)


async def all_news_told(channel: ChannelServer) -> None:
    """Wait until all that has been done so far is shown and told. What has not been would be told in between."""

    def is_told() -> bool:
        under_way = [task.get_coro() for task in list(channel.hub._tasks)]
        acts_on_news = Newsroom._act_for_sure.__qualname__
        return all(getattr(one, "__qualname__", "") != acts_on_news for one in under_way)

    await eventually(is_told)


def past_the_grace(channel: ChannelServer, clock: ManualClock) -> None:
    """Let the time after the start pass in which nobody is judged, in steps that are no stall."""
    for _ in range(16):
        clock.advance(4)
        channel.hub.hall.judge()


@pytest.fixture
def channel(club: ClubContext, tmp_path: Path) -> Iterator[ChannelServer]:
    """A server that PCs can connect to."""
    with ChannelServer(club, tmp_path) as server:
        yield server


@pytest.fixture
def pair_pc(channel: ChannelServer) -> Callable[[], Awaitable[Paired]]:
    """Pairs a PC and gives what it was told."""

    async def pair() -> Paired:
        async with channel.socket() as pc:
            code, _ = await pc.pair()
            await eventually(channel.hub.pairings.pending)
            pending = channel.hub.pairings.pending()[0]
            assert pending.code == code
            await asyncio.to_thread(channel.hub.pairings.approve, pending.pairing_id, OWNER)
            paired = await pc.hear_a(Paired)
        # The hall hears of it when the loop comes to it.
        await eventually(lambda: channel.hub.hall.knows(paired.computer_id, paired.token))
        await all_news_told(channel)
        return paired

    return pair


PairPc = Callable[[], Awaitable[Paired]]


def run(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 60))


def row(channel: ChannelServer, computer_id: int) -> HallRow:
    return next(r for r in channel.hub.hall.snapshot().rows if r.computer_id == computer_id)


async def welcomed(pc: Pc, paired: Paired, **changes: object) -> Welcome:
    await pc.hello(paired, **changes)
    welcome = await pc.hear_a(Welcome)
    await pc.hear_a(Catalog)
    return welcome
