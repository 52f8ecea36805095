"""A small real server: TLS, WebSocket, protocol frames. It says what a test tells it to say."""

import asyncio
import contextlib
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from hashlib import sha256
from typing import Any, TypeVar
from weakref import WeakSet

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from lovhub.protocol import OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION, channel, entries, updates
from lovhub.protocol.channel import ClientFrame, ServerFrame, client_codec, server_codec
from lovhub.protocol.identity import IdentityStatement, make_statement
from lovhub.protocol.lease import Lease, SignedLease, sign_lease
from lovhub.protocol.pairing import commitment_holds, pairing_code
from lovhub.protocol.views import SessionView
from tests.agent.support.certificates import Certificate

SERVER_TIME = 1_800_000_000
WAIT_SECONDS = 40.0
TLS_SECONDS = 5.0
"""Whoever connects and says nothing keeps a server from its end for so long."""

Kind = TypeVar("Kind")


class ClubServer:
    """Runs in a thread of its own, so that tests read from top to bottom."""

    def __init__(self, certificate: Certificate, identity: Ed25519PrivateKey | None = None) -> None:
        self.certificate = certificate
        self.identity = identity or Ed25519PrivateKey.generate()
        self.port = _free_port()
        self.computer_id = 7
        self.token = "token-of-pc-7"
        self.welcome = channel.Welcome(
            computer_name="ПК-1", club_name="Клуб", server_time=SERVER_TIME
        )
        self.approves = True
        self.takes_name = True
        self.answers_heartbeats = True
        self.acknowledges_journal = True
        self.statement: IdentityStatement | None = None
        self.first_frames: list[str] = []
        """Raw text sent right after the server's hello, whatever the PC says."""
        self.refuses_hello_with: channel.Error | None = None
        self.package = b""
        """What a PC gets that asks for parts of an update."""
        self.received: list[ClientFrame] = []
        self.received_raw: list[bytes] = []
        self.connections = 0
        self.code = ""
        self._changed = threading.Condition()
        self._live: set[ServerConnection] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._killed = asyncio.Event()

    # --- life ---

    def start(self) -> "ClubServer":
        started: Future[None] = Future()
        self._thread = threading.Thread(target=self._main, args=(started,), daemon=True)
        self._thread.start()
        started.result(WAIT_SECONDS)
        return self

    def kill(self) -> None:
        """As `kill -9` looks from outside: every connection is cut without a word."""
        if self._loop is None or self._thread is None:
            return
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        loop.call_soon_threadsafe(self._killed.set)
        thread.join(WAIT_SECONDS)
        assert not thread.is_alive()

    def _main(self, started: "Future[None]") -> None:
        try:
            # Windows has another loop, which tells nobody what it is just accepting.
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                runner.run(self._serve(started))
        except BaseException as error:
            if not started.done():
                started.set_exception(error)
            raise

    async def _serve(self, started: "Future[None]") -> None:
        self._loop = asyncio.get_running_loop()
        self._killed = asyncio.Event()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate.certificate_file, self.certificate.key_file)
        listener = socket.create_server(("127.0.0.1", self.port))
        made: WeakSet[ServerConnection] = WeakSet()
        server = await serve(
            self._connected,
            sock=listener,
            ssl=context,
            ssl_handshake_timeout=TLS_SECONDS,
            compression=None,
            create_connection=partial(_remembered, made),
        )
        started.set_result(None)
        await self._killed.wait()
        await _cut(server, listener, made)

    # --- what a test asks and says ---

    @property
    def is_left(self) -> bool:
        """Whether no PC is connected."""
        return not self._live

    def send(self, *frames: ServerFrame) -> None:
        """To every PC connected."""
        self.send_raw(*(server_codec.encode(frame).decode() for frame in frames))

    def send_raw(self, *texts: str) -> None:
        async def send_all() -> None:
            for connection in list(self._live):
                for text in texts:
                    await connection.send(text)

        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(send_all(), self._loop).result(WAIT_SECONDS)

    def read_no_more(self) -> None:
        """Every PC connected speaks to a server that hangs."""

        async def pause_all() -> None:
            for connection in self._live:
                connection.transport.pause_reading()

        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(pause_all(), self._loop).result(WAIT_SECONDS)

    def all(self, kind: type[Kind]) -> list[Kind]:
        with self._changed:
            return [frame for frame in self.received if isinstance(frame, kind)]

    def entries(self) -> list[entries.Entry | entries.UnknownEntry]:
        """Facts received, each once."""
        by_number = {
            entry.number: entry
            for frame in self.all(channel.Journal)
            for entry in map(entries.read_entry, frame.entries)
        }
        return [by_number[number] for number in sorted(by_number)]

    def wait_until(self, condition: Callable[[], Any]) -> Any:
        """Wait for something that a received frame makes true; returns it."""
        deadline = time.monotonic() + WAIT_SECONDS
        with self._changed:
            while not (found := condition()):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"waited in vain; received: {self.received}")
                self._changed.wait(min(left, 0.2))
            return found

    def wait_for(self, kind: type[Kind], number: int = 1) -> Kind:
        """The `number`-th frame of this kind."""
        frames: list[Kind] = self.wait_until(
            lambda: found if len(found := self.all(kind)) >= number else None
        )
        return frames[number - 1]

    def lease(self, *, session_id: int = 3, serial: int = 1, **changes: int) -> SignedLease:
        values = {
            "seconds": 900,
            "computer_id": self.computer_id,
            "issued_at": SERVER_TIME,
            "not_after": SERVER_TIME + 24 * 3600,
        }
        return sign_lease(
            self.identity, Lease(session_id=session_id, serial=serial, **(values | changes))
        )

    def offer(
        self,
        package: bytes,
        version: str,
        *,
        signer: Ed25519PrivateKey | None = None,
        hands_over: bytes = b"",
    ) -> updates.UpdateStatement:
        """Offer this package to every PC connected. `hands_over`: what they are given in its place."""
        self.package = hands_over or package
        statement = updates.UpdateStatement(version, len(package), sha256(package).digest())
        self.send(updates.UpdateOffer(updates.sign_update(signer or self.identity, statement)))
        return statement

    # --- the conversation ---

    def _note(self, frame: ClientFrame | None = None, raw: bytes = b"") -> None:
        with self._changed:
            if frame is not None:
                self.received.append(frame)
            if raw:
                self.received_raw.append(raw)
            self._changed.notify_all()

    async def _receive(self, connection: ServerConnection) -> ClientFrame:
        data = await connection.recv()
        raw = data.encode() if isinstance(data, str) else data
        frame = client_codec.decode(data)
        self._note(frame, raw)
        return frame

    async def _say(self, connection: ServerConnection, frame: ServerFrame) -> None:
        # A PC that has just gone hears no more; what it said before it went is still to be read.
        with contextlib.suppress(ConnectionClosed):
            await connection.send(server_codec.encode(frame), text=True)

    async def _connected(self, connection: ServerConnection) -> None:
        self._live.add(connection)
        self.connections += 1
        try:
            await self._converse(connection)
        except ConnectionClosed:
            pass
        finally:
            self._live.discard(connection)

    async def _converse(self, connection: ServerConnection) -> None:
        statement = self.statement or make_statement(self.identity, self.certificate.der)
        await self._say(
            connection,
            channel.ServerHello(
                protocol=PROTOCOL_VERSION,
                oldest_protocol=OLDEST_PROTOCOL_VERSION,
                identity=statement,
            ),
        )
        for text in self.first_frames:
            await connection.send(text)
        while True:
            frame = await self._receive(connection)
            match frame:
                case channel.PairCommit():
                    await self._pair(connection, frame, statement)
                case channel.Hello():
                    if self.refuses_hello_with is not None:
                        await self._say(connection, self.refuses_hello_with)
                        return
                    await self._say(connection, self.welcome)
                case channel.Heartbeat() if self.answers_heartbeats:
                    await self._say(connection, channel.Ack(seq=frame.seq))
                case channel.Journal() if self.acknowledges_journal:
                    await self._say(
                        connection,
                        channel.JournalAck(number=entries.read_entry(frame.entries[-1]).number),
                    )
                case updates.UpdateWanted(offset=offset):
                    data = self.package[offset : offset + updates.PART_BYTES]
                    await self._say(connection, updates.UpdatePart(offset, data))
                case _:
                    pass

    async def _pair(
        self, connection: ServerConnection, commit: channel.PairCommit, statement: IdentityStatement
    ) -> None:
        nonce = secrets.token_bytes(32)
        await self._say(connection, channel.PairChallenge(nonce=nonce, takes_name=self.takes_name))
        reveal = await self._receive(connection)
        assert isinstance(reveal, channel.PairReveal)
        assert commitment_holds(commit.commit, reveal.public_key, reveal.nonce)
        self.code = pairing_code(
            identity_key=statement.identity_key,
            certificate_sha256=statement.certificate_sha256,
            public_key=reveal.public_key,
            pc_nonce=reveal.nonce,
            server_nonce=nonce,
        )
        self._note()
        while not self.approves:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._receive(connection), 0.02)
        await self._say(
            connection,
            channel.Paired(
                computer_id=self.computer_id, computer_name="DESKTOP-1", token=self.token
            ),
        )


def _remembered(
    made: "WeakSet[ServerConnection]", *arguments: Any, **named: Any
) -> ServerConnection:
    connection = ServerConnection(*arguments, **named)
    made.add(connection)
    return connection


async def _cut(server: Server, listener: socket.socket, made: "WeakSet[ServerConnection]") -> None:
    """Cut every connection, those that are only just coming too: what is left open is found in another test."""
    # asyncio drops a connection, open, that it has accepted and not begun when its server is closed.
    asyncio.get_running_loop().remove_reader(listener)
    # Asked for before: Python 3.11 says of a server that listens no more that all is closed.
    closing = asyncio.create_task(server.server.wait_closed())
    await asyncio.sleep(0)
    server.server.close()
    while not closing.done():
        for connection in made:
            if hasattr(connection, "transport"):  # TLS stands
                connection.transport.abort()
        await asyncio.wait([closing], timeout=0.01)
    if server.handler_tasks:
        # What a PC said before it was cut off is still to be read.
        await asyncio.wait(server.handler_tasks, timeout=3)


def session_view(
    *, session_id: int = 3, seconds_left: int = 3600, played_seconds: int = 0, state: Any = "active"
) -> SessionView:
    return SessionView(
        session_id=session_id,
        state=state,
        title="1 час",
        customer_name="Алия",
        seconds_left=seconds_left,
        played_seconds=played_seconds,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
