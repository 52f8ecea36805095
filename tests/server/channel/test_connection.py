import asyncio
from types import SimpleNamespace
from typing import cast

import pytest
from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn.protocols.utils import ClientDisconnected

from lovhub.clock import ManualClock
from lovhub.protocol.channel import (
    Ack,
    Goodbye,
    Heartbeat,
    NameChanged,
    ServerFrame,
    client_codec,
    server_codec,
)
from lovhub.protocol.codec import ProtocolError
from lovhub.server.channel.connection import Connection
from lovhub.server.channel.hub import Hub
from lovhub.server.channel.presence import Presence

PC = 7


class Line:
    """Keeps what is sent; cut, it takes nothing."""

    client = None

    def __init__(self) -> None:
        self.sent: list[ServerFrame] = []
        self.is_cut = False

    async def receive(self) -> Message:
        raise AssertionError("nobody listens here")

    async def send(self, message: Message) -> None:
        if self.is_cut:
            raise ClientDisconnected
        self.sent.append(server_codec.decode(message["text"]))


def connect(line: Line, presence: Presence | None = None) -> Connection:
    hub = cast("Hub", SimpleNamespace(presence=presence))
    connection = Connection(hub, cast("WebSocket", line), line.receive, line.send)
    connection._listens = True
    return connection


def test_an_answer_goes_at_once() -> None:
    line = Line()
    asyncio.run(connect(line).answer(Ack(seq=1)))
    assert line.sent == [Ack(seq=1)]


def test_an_answer_never_goes_before_what_waits() -> None:
    line = Line()

    async def talk() -> None:
        connection = connect(line)
        connection.send(NameChanged(computer_name="ПК-2"))
        await connection.answer(Ack(seq=1))
        assert line.sent == []
        connection.finish()
        await connection.answer(Ack(seq=2))  # nothing more after the last word
        await connection._write()

    asyncio.run(talk())
    assert line.sent == [NameChanged(computer_name="ПК-2"), Ack(seq=1)]


def test_an_answer_on_a_cut_line_is_no_failure() -> None:
    line = Line()
    line.is_cut = True
    asyncio.run(connect(line).answer(Ack(seq=1)))
    assert line.sent == []


BEAT = client_codec.encode(Heartbeat(seq=7, lock="unlocked", application_id=3))


def test_a_heartbeat_is_noted_and_answered_where_it_comes_in(clock: ManualClock) -> None:
    presence = Presence(clock)
    presence.link(PC, object(), "locked")
    assert connect(Line(), presence)._hear(PC, BEAT) == server_codec.encode(Ack(seq=7))
    sight = presence.sight(PC)
    assert (sight.lock, sight.application_id, presence.heartbeats) == ("unlocked", 3, 1)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"\xff", client_codec.encode(Goodbye(reason="shutdown")), BEAT[:-1]]
)
def test_what_is_no_heartbeat_is_heard_as_all_else(text: bytes, clock: ManualClock) -> None:
    presence = Presence(clock)
    assert connect(Line(), presence)._hear(PC, text) is None
    assert presence.heartbeats == 0


@pytest.mark.parametrize("is_last", [False, True])
def test_no_heartbeat_is_answered_before_what_waits_nor_after_the_last_word(
    clock: ManualClock, is_last: bool
) -> None:
    presence = Presence(clock)
    connection = connect(Line(), presence)
    if is_last:
        connection.finish()
    else:
        connection.send(NameChanged(computer_name="ПК-2"))
    assert connection._hear(PC, BEAT) is None
    assert presence.heartbeats == 0, "it will be heard the long way, once"


def test_a_heartbeat_that_cannot_be_noted_is_answered_by_nobody(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake of ours is told the PC where all else is heard; here it would cut the line without a word."""
    presence = Presence(clock)

    def fail(*_words: object, **_more: object) -> None:
        raise LookupError

    monkeypatch.setattr(presence, "heartbeat", fail)
    assert connect(Line(), presence)._hear(PC, BEAT) is None


def test_whoever_is_listened_to_no_more_has_no_heartbeats_either(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    presence = Presence(clock)
    line = Line()
    connection = connect(line, presence)

    async def introduce() -> None:
        connection.computer_id = PC

    async def nonsense() -> Message:
        assert connection._hear(PC, BEAT)
        return {"type": "websocket.receive", "text": "{"}

    monkeypatch.setattr(connection, "_introduce", introduce)
    monkeypatch.setattr(connection, "_receive", nonsense)
    with pytest.raises(ProtocolError):
        asyncio.run(connection._converse())
    assert connection._hear(PC, BEAT) is None
    assert presence.heartbeats == 1


def test_after_the_last_word_no_heartbeat_counts(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PC that is revoked may beat on until its connection is closed: that must not bring it back."""
    presence = Presence(clock)
    connection = connect(Line(), presence)
    beats = [BEAT.decode()] * 3

    async def introduce() -> None:
        connection.computer_id = PC

    async def beat() -> Message:
        if len(beats) == 1:
            connection.finish()
            presence.forget(PC)
        if not beats:
            return {"type": "websocket.disconnect"}
        return {"type": "websocket.receive", "text": beats.pop()}

    presence.link(PC, connection, "locked")
    monkeypatch.setattr(connection, "_introduce", introduce)
    monkeypatch.setattr(connection, "_receive", beat)
    with pytest.raises(WebSocketDisconnect):
        asyncio.run(connection._converse())
    assert presence.heartbeats == 2
    assert presence.last_seen_at(PC) is None
