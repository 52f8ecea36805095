"""uvicorn, inside our process: TLS, patience with slow clients, and an orderly stop."""

import asyncio
import contextlib
import signal
import socket
import ssl
import sys
from collections.abc import Iterator
from functools import partial
from types import FrameType
from typing import Any, Protocol

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from lovhub.server.certificate import Certificate
from lovhub.server.doorway import Doorway, ask_for_handles
from lovhub.server.refusal import StartRefused
from lovhub.server.sockets import ClubSocket
from lovhub.server.strangers import is_one_too_many
from lovhub.server.unread import ReadsInTime

LARGEST_MESSAGE_BYTES = 128 * 1024
"""The protocol's limit is half of this: what is a little too long still gets an answer that says so."""

HEAD_SECONDS = 10
"""How long a client may take to say what it wants. uvicorn alone waits for ever."""

BODY_SECONDS = 30
"""How long it may take to hand over a form: it is kept in memory meanwhile."""

LARGEST_HEAD_BYTES = 64 * 1024
MOST_WAITING = 300
"""Connections that have not yet asked for anything; more are turned away."""

MOST_WAITING_PER_ADDRESS = 30
"""A browser opens half a dozen, a PC one."""

KEEP_ALIVE_SECONDS = 15
STOP_SECONDS = 5

SWITCH_SECONDS = 0.0002
"""How long a thread that computes keeps the event loop, heartbeats and commands waiting; Python's own is 5 ms."""


class Backstage(Protocol):
    """What lives and dies with the server, on its event loop."""

    async def start(self) -> None:
        """Before the first connection."""
        ...

    async def stop(self) -> None:
        """While connections are still open, so that they can be told."""
        ...


def tls_context(certificate: Certificate) -> ssl.SSLContext:
    """TLS 1.2 and newer with forward secrecy only; raises StartRefused if TLS takes no such certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate.cert_path, certificate.key_path)
    except ssl.SSLError as error:
        raise StartRefused("certificate_unreadable", file=certificate.cert_path.name) from error
    return context


class Stopper:
    """Stops the server from within, as a signal would; from any thread."""

    def __init__(self) -> None:
        self._server: uvicorn.Server | None = None

    def bind(self, server: uvicorn.Server) -> None:
        """Tell which server `stop` stops."""
        self._server = server

    def stop(self) -> None:
        """Ask it to stop; what is under way is finished."""
        if self._server is not None:
            self._server.should_exit = True


def run(
    app: ASGIApp,
    backstage: Backstage,
    listener: socket.socket,
    context: ssl.SSLContext,
    stopper: Stopper,
    *,
    second: tuple[socket.socket, ASGIApp] | None = None,
) -> None:
    """Serve until SIGTERM, SIGINT, Ctrl+C or the `stopper`; raises what `backstage.start()` raises.

    `second`: another port, and what is served there.
    """
    doors = [(listener, app), *([second] if second else [])]
    configs = [_config(behind) for _socket, behind in doors]
    ask_for_handles()
    sys.setswitchinterval(SWITCH_SECONDS)
    server = _ClubServer(configs, backstage, context)
    stopper.bind(server)
    server.run(sockets=[listening for listening, _app in doors])


def _config(app: ASGIApp) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        ws=ClubSocket,
        ws_max_size=LARGEST_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        log_config=None,
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    config.load()
    return config


class PatientProtocol(ReadsInTime, HttpToolsProtocol):
    """HTTP with a limit on how long, and how much, a client may talk before it has asked for something."""

    def __init__(
        self, config: uvicorn.Config, server_state: ServerState, waiting: "set[PatientProtocol]"
    ) -> None:
        super().__init__(config, server_state, app_state={})
        self._waiting = waiting
        self._timer: asyncio.TimerHandle | None = None
        self._patience: tuple[float | None] | None = None
        """What was found out about it while something was taken in."""
        self._takes_in = False
        self._in_head = False
        self._head_bytes = 0
        self.address = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        from_there = sum(1 for other in self._waiting if other.address == self.address)
        if is_one_too_many(
            self.address,
            from_there=from_there,
            in_all=len(self._waiting),
            most_from_there=MOST_WAITING_PER_ADDRESS,
            most_in_all=MOST_WAITING,
        ):
            transport.close()
        self._waiting.add(self)
        self._begin_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._set_timer(None)
        self._waiting.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._head_bytes += len(data)
        # What comes whole, as nearly all does, is waited for at no moment: it needs no timer.
        self._takes_in = True
        try:
            super().data_received(data)
        finally:
            self._takes_in = False
        if self._patience is not None:
            (seconds,), self._patience = self._patience, None
            self._set_timer(seconds)
        if self._in_head and self._head_bytes > LARGEST_HEAD_BYTES:
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._in_head:
            self._begin_head()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._waiting.discard(self)
        self._set_timer(BODY_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._set_timer(None)
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._set_timer(None)
        self.forget_unread()
        super().handle_websocket_upgrade()

    def _begin_head(self) -> None:
        self._in_head = True
        self._head_bytes = 0
        self._set_timer(HEAD_SECONDS)

    def _set_timer(self, seconds: float | None) -> None:
        if self._takes_in:
            self._patience = (seconds,)
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if seconds is not None:
            self._timer = self.loop.call_later(seconds, self.transport.close)


class _ClubServer(uvicorn.Server):
    """uvicorn, but: it takes our socket and TLS, says goodbye first, and being told to stop is no failure."""

    def __init__(
        self, configs: list[uvicorn.Config], backstage: Backstage, context: ssl.SSLContext
    ) -> None:
        super().__init__(configs[0])
        self._configs = configs
        self._backstage = backstage
        self._waiting: set[PatientProtocol] = set()
        self._context = context

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self._backstage.start()
        # As much of a server as uvicorn asks for.
        doorways: list[Any] = [
            Doorway(
                listener,
                partial(PatientProtocol, config, self.server_state, self._waiting),
                self._context,
            )
            for listener, config in zip(sockets or [], self._configs, strict=True)
        ]
        self.servers = doorways
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        # uvicorn would first cut the WebSockets: PCs must hear «bye» while they still can.
        await self._backstage.stop()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        numbers = [signal.SIGINT, signal.SIGTERM]
        if sys.platform == "win32":
            numbers.append(signal.SIGBREAK)
        before = {number: signal.signal(number, self._told_to_stop) for number in numbers}
        try:
            yield
        finally:
            # Unlike uvicorn, which then raises the signal once more: the exit code is to be 0.
            for number, handler in before.items():
                signal.signal(number, handler)

    def _told_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.handle_exit(number, frame)
