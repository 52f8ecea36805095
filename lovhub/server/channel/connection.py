"""One PC's WebSocket: who it is, what it may say, and a bounded queue of what it is told."""

import asyncio
import contextlib
from collections.abc import Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from starlette.types import Message, Receive, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from lovhub.protocol import OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION
from lovhub.protocol.channel import (
    Ack,
    ClientFrame,
    Error,
    Heartbeat,
    Hello,
    PairCommit,
    ServerFrame,
    ServerHello,
    client_codec,
    server_codec,
)
from lovhub.protocol.codec import ProtocolError
from lovhub.server.channel import handlers
from lovhub.server.channel.hello import hello
from lovhub.server.channel.refused import BEYOND_ANY_COLUMN, FIRST_WORD_SECONDS, Refused
from lovhub.server.errors import OperationRefused
from lovhub.server.sockets import Offer

if TYPE_CHECKING:
    from lovhub.server.channel.hub import Hub
    from lovhub.server.channel.staff_requests import StaffHere
    from lovhub.server.updates.packages import Offered

log = structlog.get_logger("channel")

QUEUE_LENGTH = 256
"""A PC that takes no more than this off its queue is cut off: it is hung, and memory is not for it."""

TODO_LENGTH = 64
"""Requests of one PC that may wait for the database; a person makes one at a time."""

CLOSE_SECONDS = 5.0


class Connection:
    """A connection from first word to last.

    `group_id`: for whose prices the PC was last told what is offered;
    `welcomed_after`: how much news had been heard when what its welcome says was read; `customer_seen_after`: when it
    was read who sits there, somebody or nobody, as the PC was last told;
    `offered`: the version that the PC may fetch;
    `keeps_games`: whether the PC says itself when the player of a session that ran out is signed out there.

    Frames go by `receive` and `send` themselves, beneath the (accepted) `websocket`: what it looks after costs each
    heartbeat as much as all that is ours of it, and is looked after here. Heartbeats go by the `short_way`, where there
    is one (`sockets.py`).
    """

    def __init__(
        self,
        hub: "Hub",
        websocket: WebSocket,
        receive: Receive,
        send: Send,
        short_way: Offer | None = None,
    ) -> None:
        self.hub = hub
        self.websocket = websocket
        self._receive = receive
        self._send = send
        self._short_way = short_way
        self.address = websocket.client.host if websocket.client else ""
        self.computer_id: int | None = None
        self.computer_name = ""
        self._customer_id: int | None = None
        self.welcomed_after = 0
        self.customer_seen_after = 0
        self.group_id: int | None = None
        self.session_id: int | None = None
        self.staff: StaffHere | None = None
        self.keeps_games = False
        self.commands: frozenset[str] = frozenset()
        self.agent_version = ""
        self.takes_updates = False
        self.takes_codes = False
        self.offered: Offered | None = None
        self.said_goodbye = False
        self.closed = asyncio.Event()
        self._outgoing: asyncio.Queue[ServerFrame | None] = asyncio.Queue(QUEUE_LENGTH)
        self._todo: asyncio.Queue[ClientFrame | None] = asyncio.Queue(TODO_LENGTH)
        self._finishing = False
        self._listens = False

    @property
    def customer_id(self) -> int | None:
        """Who is signed in there."""
        return self._customer_id

    @customer_id.setter
    def customer_id(self, customer_id: int | None) -> None:
        if self._customer_id is not None:
            self.hub.whereabouts.went(self._customer_id, self)
        self._customer_id = customer_id
        if customer_id is not None:
            self.hub.whereabouts.came(customer_id, self)

    def send(self, frame: ServerFrame) -> None:
        """Put a frame into the queue; on the loop only."""
        if self._finishing:
            return
        try:
            self._outgoing.put_nowait(frame)
        except asyncio.QueueFull:
            log.warning("queue_overflow", computer_id=self.computer_id)
            self._abort()

    async def answer(self, frame: ServerFrame) -> None:
        """Send a frame at once, unless something waits before it: for what is answered all the time, or waited for.

        The queue's task would have to be woken for it, which costs more than the answer itself.
        """
        if self._finishing or not self._outgoing.empty():
            self.send(frame)
            return
        try:  # noqa: SIM105 (`suppress` costs as much as all that is sent)
            await self._send(_on_wire(frame))
        except (OSError, RuntimeError):
            pass  # the reader hears of it

    def finish(self) -> None:
        """Send what is in the queue, then close."""
        if not self._finishing:
            self._finishing = True
            try:
                self._outgoing.put_nowait(None)
            except asyncio.QueueFull:
                self._abort()

    def _abort(self) -> None:
        self._finishing = True
        while not self._outgoing.empty():
            self._outgoing.get_nowait()
        self._outgoing.put_nowait(None)

    async def run(self) -> None:
        """Serve until either side closes."""
        writer = asyncio.create_task(self._write())
        worker = asyncio.create_task(self._closing_on_error(self._work()))
        reader = asyncio.create_task(self._closing_on_error(self._converse()))
        try:
            await asyncio.wait([writer, worker, reader], return_when=asyncio.FIRST_COMPLETED)
            if reader.done() and not worker.done():
                # What the PC said last («goodbye») is still done before it is forgotten.
                await self._todo.put(None)
                await asyncio.wait([worker], timeout=CLOSE_SECONDS)
            self.finish()
            await asyncio.wait([writer], timeout=CLOSE_SECONDS)
        finally:
            for task in (reader, worker, writer):
                task.cancel()
            await asyncio.gather(reader, worker, writer, return_exceptions=True)
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                if self.websocket.application_state is WebSocketState.CONNECTED:
                    await self.websocket.close()
            await self.hub.closed(self)
            self.closed.set()

    async def _write(self) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            while (frame := await self._outgoing.get()) is not None:
                await self._send(_on_wire(frame))

    async def _converse(self) -> None:
        """Listen. A heartbeat is answered at once; what asks the database waits its turn."""
        await self._introduce()
        self._listens = True
        try:
            await self._listen()
        finally:
            self._listens = False

    async def _listen(self) -> None:
        if self.computer_id is not None and self._short_way is not None:
            self._short_way(partial(self._hear, self.computer_id))
        while True:
            frame = _frame_in(await self._receive())
            if isinstance(frame, Heartbeat) and self.computer_id is not None:
                if not self._finishing:  # else the PC may be no longer the club's
                    await self.answer(self._beat(self.computer_id, frame))
                continue
            if self.computer_id is not None:
                self.hub.keep_pace(self.computer_id, frame)
            try:
                self._todo.put_nowait(frame)
            except asyncio.QueueFull:
                raise Refused(Error(code="unexpected", text="too much at once")) from None

    def _hear(self, computer_id: int, text: bytes) -> bytes | None:
        """What the PC says, where it comes in: a heartbeat, if nothing waits before its answer. See `sockets.Hear`."""
        if not self._listens or self._finishing or not self._outgoing.empty():
            return None
        try:
            frame = client_codec.decode(text)
            if isinstance(frame, Heartbeat):
                return server_codec.encode(self._beat(computer_id, frame))
        except ProtocolError:
            pass
        except Exception:
            log.exception("heartbeat_failed", computer_id=computer_id)
        return None  # what is wrong with it shows, and is told, where all else is heard

    def _beat(self, computer_id: int, frame: Heartbeat) -> Ack:
        """What is said most of all: it comes by no table, and through as few hands as can be."""
        self.hub.presence.heartbeat(
            computer_id, lock=frame.lock, application_id=frame.application_id
        )
        return Ack(seq=frame.seq)

    async def _work(self) -> None:
        while (frame := await self._todo.get()) is not None:
            await handlers.handle(self, frame)

    async def _closing_on_error(self, work: Coroutine[Any, Any, None]) -> None:
        """Whatever goes wrong is told the PC as the last word, and closes this connection only."""
        try:
            await work
        except WebSocketDisconnect:
            return
        except ProtocolError as error:
            log.info("frame_refused", computer_id=self.computer_id, detail=str(error))
            self.send(Error(code=error.code, text=error.detail[:200]))
        except Refused as refused:
            self.send(refused.error)
        except BEYOND_ANY_COLUMN as error:
            log.info("frame_refused", computer_id=self.computer_id, detail=str(error)[:200])
            self.send(Error(code="malformed", text="a value beyond all bounds"))
        except OperationRefused as refusal:
            log.warning("refused", computer_id=self.computer_id, code=refusal.code)
            self.send(Error(code="server_error", text=refusal.code))
        except Exception:
            log.exception("connection_failed", computer_id=self.computer_id)
            self.send(Error(code="server_error"))

    async def _introduce(self) -> None:
        """The first words: the server proves itself, then the stranger says who it is."""
        unknown = self.hub.unknown
        unknown[self.address] += 1
        try:
            self.send(
                ServerHello(
                    protocol=PROTOCOL_VERSION,
                    oldest_protocol=OLDEST_PROTOCOL_VERSION,
                    identity=self.hub.statement,
                )
            )
            first = await self.receive_within(FIRST_WORD_SECONDS)
            if not isinstance(first, Hello | PairCommit):
                raise Refused(Error(code="unexpected", text="hello or pair_commit first"))
            if not OLDEST_PROTOCOL_VERSION <= first.protocol <= PROTOCOL_VERSION:
                spoken = f"this server speaks {OLDEST_PROTOCOL_VERSION} to {PROTOCOL_VERSION}"
                log.warning("protocol_refused", address=self.address, protocol=first.protocol)
                raise Refused(Error(code="protocol_version", text=spoken))
            if isinstance(first, Hello):
                await hello(self, first)
                return
            await self.hub.pairings.converse(self, first)
        finally:
            unknown[self.address] -= 1
            if not unknown[self.address]:
                del unknown[self.address]

    async def receive_within(self, seconds: float) -> ClientFrame:
        """The next frame, soon; raises Refused if there is none."""
        try:
            async with asyncio.timeout(seconds):
                return await self.receive()
        except TimeoutError:
            raise Refused(Error(code="timeout", text="nothing was said")) from None

    async def receive(self) -> ClientFrame:
        """The next frame; raises ProtocolError, or WebSocketDisconnect at the end."""
        return _frame_in(await self._receive())


def _frame_in(message: Message) -> ClientFrame:
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    text = message.get("text")
    return client_codec.decode(text if text is not None else message["bytes"])


def _on_wire(frame: ServerFrame) -> Message:
    return {"type": "websocket.send", "text": server_codec.encode(frame).decode()}
