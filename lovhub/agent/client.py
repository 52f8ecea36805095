"""The channel client: one PC's side of the connection to the server, for agent and simulator.

It connects, makes sure of the server, pairs or signs in, keeps the heartbeat, and comes back after
a loss. What the frames mean is for the handler to know.
"""

import asyncio
import random
import ssl
from collections.abc import Callable
from contextlib import suppress

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from lovhub.agent.backoff import Backoff
from lovhub.agent.channel_handler import ChannelHandler
from lovhub.agent.pairing import PairingAttempt, PcName
from lovhub.agent.settings import Address
from lovhub.agent.store import IdentityStore, Membership
from lovhub.agent.trust import fetch_certificate
from lovhub.agent.whereabouts import Whereabouts
from lovhub.clock import Clock, SystemClock
from lovhub.pinned_tls import CertificateUnusable, context_for, name_in_certificate
from lovhub.protocol import (
    CHANNEL_PATH,
    HEARTBEAT_SECONDS,
    MAX_FRAME_BYTES,
    OLDEST_PROTOCOL_VERSION,
    PROTOCOL_VERSION,
)
from lovhub.protocol.channel import (
    Ack,
    Bye,
    ClientFrame,
    Error,
    Goodbye,
    PairChallenge,
    Paired,
    ServerFrame,
    ServerHello,
    Welcome,
    client_codec,
    server_codec,
)
from lovhub.protocol.codec import ProtocolError
from lovhub.protocol.identity import IdentityStatement, statement_holds
from lovhub.protocol.pairing import is_token_of

log = structlog.get_logger("channel")

ACK_SECONDS = 15
"""A heartbeat without an answer for so long (by the injected clock) means that the link is gone."""

ACK_REAL_SECONDS = 3.0
"""…but never sooner than this in real time: an answer may lie unread after a jump of the clock."""

FIRST_WORD_SECONDS = 10.0
"""The server speaks first, within this time."""

NOBODY_SECONDS = 2.0
"""After a search that has found nobody to ask; it has taken a few seconds itself."""

CLOSE_SECONDS = 2.0
SEND_QUEUE_FRAMES = 256


class FalseServer(Exception):
    """Whoever answers is not the club's server: nothing of value was sent."""


class Refused(Exception):
    """The server closed the connection with an error; `code` says which."""

    def __init__(self, error: Error) -> None:
        super().__init__(f"{error.code}: {error.text}")
        self.code = error.code


class LinkLost(Exception):
    """The connection is of no more use; the server may have said when to come back."""

    def __init__(self, reason: str, reconnect_after_seconds: int | None = None) -> None:
        super().__init__(reason)
        self.reconnect_after_seconds = reconnect_after_seconds


class NobodyThere(Exception):
    """No address is known so far, and nobody was found who could be asked."""


class ChannelClient:
    """Holds one connection to the server at a time, for as long as `run` runs.

    `whereabouts`: where it tries, and where it goes on when that does not answer.
    `bulk_token`: with which the PC was installed, told to its club only; `forget_token` is called once it is paired.
    """

    def __init__(  # noqa: PLR0913 - what one PC has is many things
        self,
        whereabouts: Whereabouts,
        store: IdentityStore,
        handler: ChannelHandler,
        clock: Clock,
        *,
        hostname: str,
        chance: random.Random | None = None,
        poll_seconds: float = 0.2,
        mac_of: Callable[[str], str] = lambda _address: "",
        bulk_token: str = "",
        forget_token: Callable[[], None] = lambda: None,
    ) -> None:
        self._whereabouts = whereabouts
        self._store = store
        self._handler = handler
        self._clock = clock
        self._steady = SystemClock()
        self._hostname = hostname
        self._backoff = Backoff(chance or random.SystemRandom())
        self._poll_seconds = poll_seconds
        self._mac_of = mac_of
        self._bulk_token = bulk_token
        self._forget_token = forget_token
        self._wish = PcName()
        self._connection: ClientConnection | None = None
        self._outgoing: asyncio.Queue[ClientFrame] = asyncio.Queue(SEND_QUEUE_FRAMES)
        self._linked = False
        self._asked: Address | None = None
        self._is_welcome = False
        self._closing = False
        self._rest_seconds = 0.0
        self._beat_now = asyncio.Event()
        self._seq = 0
        self._unanswered_since: tuple[float, float] | None = None

    @property
    def linked(self) -> bool:
        """Whether the server has welcomed this PC on the present connection."""
        return self._linked

    @property
    def wish(self) -> PcName:
        """What the PC is to be called, typed at it while it waits."""
        return self._wish

    def send(self, frame: ClientFrame) -> bool:
        """Queue a frame; False when there is no link (nothing is kept for later)."""
        if not self._linked:
            return False
        try:
            self._outgoing.put_nowait(frame)
        except asyncio.QueueFull:
            return False
        return True

    def choose_server(self, address: str) -> None:
        """A person at the PC has chosen the server that announces itself there; any other changes nothing."""
        self._whereabouts.choose(address)

    def beat_now(self) -> None:
        """Send a heartbeat at once, because what it tells has changed."""
        self._beat_now.set()

    async def run(self) -> None:
        """Connect, and come back after every loss, until `close`."""
        while not self._closing:
            try:
                wait_seconds = await self._visit()
            except NobodyThere:
                log.info("server_not_found")
                wait_seconds = NOBODY_SECONDS
            except LinkLost as lost:
                log.info("link_lost", reason=str(lost))
                wait_seconds = (
                    self._backoff.next_seconds()
                    if lost.reconnect_after_seconds is None
                    else self._backoff.after_bye(lost.reconnect_after_seconds)
                )
            except FalseServer as error:
                log.warning("false_server", detail=str(error), address=str(self._asked))
                wait_seconds = self._backoff.next_seconds()
            except Refused as error:
                log.warning("refused", code=error.code, detail=str(error))
                if error.code == "unknown_computer":
                    self._store.leave()
                    self._handler.unknown_computer()
                wait_seconds = self._backoff.next_seconds()
            except (OSError, WebSocketException, ProtocolError, CertificateUnusable) as error:
                log.info("not_connected", reason=str(error), address=str(self._asked))
                wait_seconds = self._backoff.next_seconds()
            except Exception:  # a mistake of ours must cost this connection, not the PC's lock
                log.exception("channel_failed")
                wait_seconds = self._backoff.next_seconds()
            if not self._closing:
                rest_seconds, self._rest_seconds = self._rest_seconds, 0.0
                await asyncio.sleep(max(wait_seconds, rest_seconds))

    def rest(self, goodbye: Goodbye, seconds: float) -> None:
        """Say goodbye, and stay away for so long: the PC goes off, or else it comes back."""
        if self.send(goodbye):
            self._rest_seconds = seconds

    async def close(self, goodbye: Goodbye) -> None:
        """Say goodbye, if there is anyone to say it to, and end `run`."""
        self._closing = True
        if self.send(goodbye):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._outgoing.join(), CLOSE_SECONDS)
        if self._connection is not None:
            await self._connection.close()

    # --- one connection ---------------------------------------------------------------------------

    async def _visit(self) -> float:
        """One connection from its beginning to its end; returns seconds to wait before the next."""
        pinned = self._store.pinned_identity_key()
        address = await self._whereabouts.next(
            is_proven=pinned is not None or bool(self._bulk_token)
        )
        self._handler.looking(address, self._whereabouts.to_choose)
        self._asked = address
        if address is None:
            raise NobodyThere
        self._is_welcome = False
        try:
            return await self._visit_at(address)
        except FalseServer as error:
            # A neighbour's server may announce itself, too: only whoever stands where ours should is worth an alarm.
            if not self._whereabouts.is_found_only(address):
                self._handler.false_server(str(error))
            raise
        finally:
            if not self._is_welcome:  # a link that was lost is looked for where it was
                self._whereabouts.failed()

    async def _visit_at(self, address: Address) -> float:
        """Go there, pair or sign in, and stay; returns seconds to wait before the next visit."""
        connection, certificate_pem = await self._open(address)
        self._connection = connection
        try:
            statement = await self._make_sure(connection)
            membership = self._store.membership()
            if membership is None:
                await self._pair(connection, statement, certificate_pem)
                self._is_welcome = True
                self._backoff.reset()
                return 0.0
            if certificate_pem != self._store.certificate_pem():
                self._store.save_certificate(certificate_pem)
            await self._sign_in(connection, membership)
            await self._converse(connection)
        finally:
            self._connection = None
            await _close(connection)
        return self._backoff.next_seconds()

    async def _open(self, address: Address) -> tuple[ClientConnection, str]:
        """A WebSocket over checked TLS, and the certificate it trusts."""
        stored_pem = self._store.certificate_pem()
        if stored_pem is not None:
            try:
                return await self._open_with(address, stored_pem), stored_pem
            except ssl.SSLCertVerificationError as error:
                log.info("certificate_changed", reason=error.verify_message)
        fetched_pem = await fetch_certificate(address)
        return await self._open_with(address, fetched_pem), fetched_pem

    async def _open_with(self, address: Address, certificate_pem: str) -> ClientConnection:
        return await connect(
            f"wss://{address}{CHANNEL_PATH}",
            ssl=context_for(certificate_pem),
            server_hostname=name_in_certificate(certificate_pem),
            proxy=None,  # the server stands in the same hall
            compression=None,
            max_size=MAX_FRAME_BYTES,
            close_timeout=CLOSE_SECONDS,
        )

    async def _make_sure(self, connection: ClientConnection) -> IdentityStatement:
        """Hear the server's first word and check it; raises FalseServer."""
        hello = await self._receive(connection, FIRST_WORD_SECONDS)
        if not isinstance(hello, ServerHello):
            raise LinkLost("the server did not speak first")
        tls = connection.transport.get_extra_info("ssl_object")
        certificate_der = tls.getpeercert(binary_form=True)
        if not statement_holds(hello.identity, certificate_der):
            raise FalseServer("the statement does not speak of the certificate shown")
        pinned = self._store.pinned_identity_key()
        if pinned is not None and pinned != hello.identity.identity_key:
            raise FalseServer("another identity than the one this PC is paired with")
        if self._store.membership() is None and not self._may_be_told(hello.identity):
            raise FalseServer("another club than the one whose token this PC was installed with")
        if hello.protocol < OLDEST_PROTOCOL_VERSION or hello.oldest_protocol > PROTOCOL_VERSION:
            raise LinkLost(f"the server speaks protocol {hello.protocol}")
        return hello.identity

    def _may_be_told(self, statement: IdentityStatement) -> bool:
        return not self._bulk_token or is_token_of(self._bulk_token, statement.identity_key)

    def _drop_token(self) -> None:
        """The PC is paired: a token is of no more use, whoever's it is."""
        if self._bulk_token:
            self._bulk_token = ""
            self._forget_token()

    async def _pair(
        self, connection: ClientConnection, statement: IdentityStatement, certificate_pem: str
    ) -> None:
        """Go through pairing; returns when the desk has approved."""
        mac = self._mac_of(str(connection.local_address[0]))
        attempt = PairingAttempt(
            self._store.private_key(), self._hostname, statement, mac, self._bulk_token
        )
        await connection.send(client_codec.encode(attempt.commit()), text=True)
        challenge = await self._receive(connection, FIRST_WORD_SECONDS)
        if not isinstance(challenge, PairChallenge):
            raise LinkLost("pairing went out of step")
        await connection.send(client_codec.encode(attempt.reveal()), text=True)
        self._wish.is_taken = challenge.takes_name
        self._handler.pairing_code(attempt.code(challenge))
        try:
            paired = await self._wish.tell_until(connection, self._receive(connection, None))
        finally:
            self._wish.is_taken = False
            self._handler.pairing_code("")
        if not isinstance(paired, Paired):
            raise LinkLost("pairing went out of step")
        self._store.join(
            Membership(
                computer_id=paired.computer_id,
                token=paired.token,
                identity_key=statement.identity_key,
            ),
            certificate_pem,
        )
        log.info("paired", computer_id=paired.computer_id)
        self._drop_token()

    async def _sign_in(self, connection: ClientConnection, membership: Membership) -> None:
        await connection.send(client_codec.encode(self._handler.hello(membership)), text=True)
        welcome = await self._receive(connection, FIRST_WORD_SECONDS)
        if not isinstance(welcome, Welcome):
            raise LinkLost("no welcome")
        self._is_welcome = True
        self._whereabouts.reached()
        self._backoff.reset()
        self._drop_token()
        self._outgoing = asyncio.Queue(SEND_QUEUE_FRAMES)
        self._unanswered_since = None
        self._beat_now.clear()
        self._linked = True
        log.info("linked", address=str(self._asked))
        self._handler.server_frame(welcome)

    async def _converse(self, connection: ClientConnection) -> None:
        """Read, write and beat until one of the three ends; raises what ended it."""
        tasks = [
            asyncio.create_task(self._read(connection)),
            asyncio.create_task(self._write(connection)),
            asyncio.create_task(self._beat()),
        ]
        try:
            done, _pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._linked = False
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._handler.link_lost()

    async def _receive(self, connection: ClientConnection, seconds: float | None) -> ServerFrame:
        """The next frame that is not an error; types of a newer server are passed over."""
        async with asyncio.timeout(seconds):
            while True:
                try:
                    frame = server_codec.decode(await connection.recv())
                except ProtocolError as error:
                    if error.code != "unknown_type":
                        raise
                    log.info("unknown_frame", detail=error.detail)
                    continue
                if isinstance(frame, Error):
                    raise Refused(frame)
                if isinstance(frame, Bye):
                    raise LinkLost("the server says bye", frame.reconnect_after_seconds)
                return frame

    async def _read(self, connection: ClientConnection) -> None:
        while True:
            frame = await self._receive(connection, None)
            if isinstance(frame, Ack):
                if frame.seq == self._seq:
                    self._unanswered_since = None
                continue
            self._handler.server_frame(frame)

    async def _write(self, connection: ClientConnection) -> None:
        while True:
            frame = await self._outgoing.get()
            try:
                await connection.send(client_codec.encode(frame), text=True)
            finally:
                self._outgoing.task_done()

    async def _beat(self) -> None:
        """Heartbeats by the injected clock, polled, so that a moved test clock acts at once."""
        due_at = self._clock.monotonic()
        while True:
            now = self._clock.monotonic()
            if now >= due_at or self._beat_now.is_set():
                self._beat_now.clear()
                self._seq += 1
                if not self.send(self._handler.heartbeat(self._seq)):
                    raise LinkLost("the server does not take what is sent")
                if self._unanswered_since is None:
                    self._unanswered_since = (now, self._steady.monotonic())
                due_at = now + HEARTBEAT_SECONDS
            self._check_answered(now)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._beat_now.wait(), self._poll_seconds)

    def _check_answered(self, now: float) -> None:
        if self._unanswered_since is None:
            return
        since, real_since = self._unanswered_since
        if now - since > ACK_SECONDS and self._steady.monotonic() - real_since > ACK_REAL_SECONDS:
            raise LinkLost("heartbeats are not answered")


async def _close(connection: ClientConnection) -> None:
    """Part from the server; whoever is cancelled while the server's answer is waited for leaves nothing open either."""
    try:
        await connection.close()
    except asyncio.CancelledError:
        connection.transport.abort()
        await connection.wait_closed()
        raise
