"""The short way of a heartbeat: whatever comes, in whatever pieces, is heard and answered as uvicorn's own would."""

import asyncio
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, cast

import pytest
import uvicorn
from hypothesis import example, given
from hypothesis import strategies as st
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.exceptions import InvalidState

from lovhub.server import unread
from lovhub.server.sockets import ClubSocket, frame_bytes, short_way

LONGEST_MESSAGE_BYTES = 1000
BEAT, ANSWER = b"beat", b"ack"
TEXT, BINARY, CONTINUED, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
LAST, MASKED = 0x80, 0x80
REQUEST = (
    b"GET /channel HTTP/1.1\r\nHost: club\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Line:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written = b""
        self.is_closed = self.is_cut = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.is_closed = True

    def abort(self) -> None:
        self.is_cut = True

    def is_closing(self) -> bool:
        return self.is_closed

    def pause_reading(self) -> None:
        """What comes in is for the tests to say."""

    resume_reading = pause_reading

    def get_extra_info(self, _name: str, default: object = None) -> object:
        return default


@dataclass
class Heard:
    """What the program heard, by which way, and what the client got: (kind, payload) of each frame."""

    texts: list[str | bytes] = field(default_factory=list)
    by_short_way: int = 0
    got: list[tuple[int, bytes]] = field(default_factory=list)
    is_closed: bool = False

    def got_texts(self) -> list[bytes]:
        return [payload for kind, payload in self.got if kind == TEXT]

    def got_but_texts(self) -> list[tuple[int, bytes]]:
        return [one for one in self.got if one[0] != TEXT]


def frame(
    kind: int, payload: bytes = b"", *, last: bool = True, mask: bytes = b"\1\2\3\4"
) -> bytes:
    """One frame as a client sends it; without a mask it is an error."""
    size = len(payload)
    head = bytes(((LAST if last else 0) | kind,))
    bit = MASKED if mask else 0
    if size < 126:
        head += bytes((bit | size,))
    elif size < 65536:
        head += struct.pack("!BH", bit | 126, size)
    else:
        head += struct.pack("!BQ", bit | 127, size)
    if mask:
        payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
    return head + mask + payload


def frames_in(data: bytes) -> list[tuple[int, bytes]]:
    """What a server sent."""
    found, at = [], 0
    while (size := frame_bytes(data, at)) is not None:
        whole = data[at : at + size]
        start = {126: 4, 127: 10}.get(whole[1], 2)
        found.append((whole[0] & 0x0F, whole[start:]))
        at += size
    return found


class Program:
    """Answers beats, and keeps what it hears."""

    def __init__(self) -> None:
        self.heard = Heard()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        offer = short_way(scope)
        if offer is not None:
            offer(self._hear)
        while (message := await receive())["type"] == "websocket.receive":
            said = message.get("text") or message.get("bytes")
            self.heard.texts.append(said)
            if said == "bye":
                await send({"type": "websocket.close"})
            if said == BEAT.decode():
                with suppress(RuntimeError):  # closed meanwhile
                    await send({"type": "websocket.send", "text": ANSWER.decode()})

    def _hear(self, text: bytes) -> bytes | None:
        if text != BEAT:
            return None
        self.heard.texts.append(text.decode())
        self.heard.by_short_way += 1
        return ANSWER


Before = Callable[[WebSocketsSansIOProtocol, int], None]


def talk(
    kind: type[WebSocketsSansIOProtocol],
    pieces: list[bytes],
    *,
    at_once: bool = False,
    before: Before = lambda _socket, _number: None,
) -> Heard:
    """What the program hears when these pieces come. `at_once`: it is given no time between them.

    `before(socket, number)` is called before each piece.
    """
    program, line = Program(), Line()

    async def converse() -> None:
        config = uvicorn.Config(
            program,
            ws_max_size=LONGEST_MESSAGE_BYTES,
            ws_per_message_deflate=False,
            log_config=None,
        )
        config.load()
        socket = kind(config, ServerState(), {})
        socket.connection_made(cast("asyncio.Transport", line))
        socket.data_received(REQUEST)
        await settle()
        head, _, line.written = line.written.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101")
        for number, piece in enumerate(pieces):
            before(socket, number)
            if line.is_closed:
                break
            try:
                socket.data_received(piece)
            except InvalidState:  # uvicorn's own, at two goodbyes
                assert kind is WebSocketsSansIOProtocol
                line.close()
            if not at_once:
                await settle()
        await settle()
        program.heard.got, program.heard.is_closed = frames_in(line.written), line.is_closed
        socket.connection_lost(None)
        await settle()

    asyncio.run(converse())
    return program.heard


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


PAYLOADS = st.one_of(
    st.just(BEAT),
    st.just(b"be"),
    st.just("привет".encode()),
    st.just(b"\xff\xfe"),
    st.sampled_from([0, 1, 124, 125, 126, 127, 999]).map(lambda size: b"x" * size),
)
FRAMES = st.one_of(
    st.just(frame(TEXT, BEAT)),
    st.builds(
        frame,
        st.sampled_from([TEXT, TEXT, TEXT, BINARY, CONTINUED, PING, PONG, 3]),
        PAYLOADS,
        last=st.sampled_from([True, True, False]),
        mask=st.sampled_from([b"\1\2\3\4", b"\0\0\0\0", b"\xff\xff\xff\xff"]),
    ),
    st.just(frame(TEXT, b"x" * 1200)),
    st.just(frame(TEXT, BEAT, mask=b"")),
    st.just(frame(CLOSE, b"\x03\xe8")),
    st.just(frame(TEXT, b"x" * 70000)),
)


LIKE_BEATS = frame(BINARY, frame(TEXT, BEAT) * 2, mask=bytes(4))
"""What looks like two heartbeats is what one message holds."""


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """Frames, right and wrong ones, in pieces that end anywhere."""
    data = b"".join(draw(st.lists(FRAMES, min_size=1, max_size=8)))
    cuts = draw(st.lists(st.integers(1, len(data)), max_size=8))
    edges = sorted({0, len(data), *cuts})
    return [data[start:end] for start, end in pairwise(edges)]


@given(streams(), st.booleans())
@example([frame(TEXT, BEAT)] * 3, False)
@example([frame(TEXT, BEAT) * 3], False)
@example([frame(TEXT, b"be", last=False), frame(TEXT, BEAT)], False)
@example([frame(TEXT, b"be", last=False), frame(CONTINUED, b"at"), frame(TEXT, BEAT)], False)
@example([frame(TEXT, b"x"), frame(TEXT, BEAT)], True)
@example([b"\x81", frame(TEXT, BEAT)[1:]], False)
@example([b"\x81\x7c", b"x"], False)
@example([frame(TEXT, b"x" * 70000)[:20], frame(TEXT, BEAT)], False)
@example([LIKE_BEATS[:6], LIKE_BEATS[6:]], False)
@example([LIKE_BEATS[:6], LIKE_BEATS[6:16], LIKE_BEATS[16:]], False)
@example([b"\x82", frame(TEXT, BEAT)], False)
@example([frame(TEXT, b"\xff") + frame(CLOSE)], False)
def test_all_is_heard_and_answered_as_by_uvicorns_own(pieces: list[bytes], at_once: bool) -> None:
    ours = talk(ClubSocket, pieces, at_once=at_once)
    theirs = talk(WebSocketsSansIOProtocol, pieces, at_once=at_once)
    assert ours.texts == theirs.texts
    assert ours.is_closed == theirs.is_closed
    # What answers a ping goes at once, past what the program has still to say.
    assert ours.got_but_texts() == theirs.got_but_texts()
    # A program that hears of a beat and of the end in one moment no longer answers it.
    answered = theirs.got_texts()
    assert ours.got_texts()[: len(answered) if at_once else None] == answered


@given(st.binary(min_size=1, max_size=300), st.integers(1, 20))
def test_so_it_is_with_any_bytes(data: bytes, piece_bytes: int) -> None:
    pieces = [data[at : at + piece_bytes] for at in range(0, len(data), piece_bytes)]
    ours, theirs = talk(ClubSocket, pieces), talk(WebSocketsSansIOProtocol, pieces)
    assert (ours.texts, ours.got, ours.is_closed) == (theirs.texts, theirs.got, theirs.is_closed)


def test_a_heartbeat_that_comes_whole_goes_the_short_way() -> None:
    heard = talk(ClubSocket, [frame(TEXT, BEAT), frame(PING), frame(TEXT, b"x"), frame(TEXT, BEAT)])
    assert (heard.by_short_way, heard.texts) == (2, ["beat", "x", "beat"])
    assert heard.got == [(TEXT, ANSWER), (PONG, b""), (TEXT, ANSWER)]


def test_nothing_overtakes_what_came_before() -> None:
    """The program has not heard the first text yet when the heartbeat comes."""
    heard = talk(ClubSocket, [frame(TEXT, b"x"), frame(TEXT, BEAT)], at_once=True)
    assert (heard.by_short_way, heard.texts) == (0, ["x", "beat"])


@pytest.mark.parametrize("size", [0, 125, 126, 70000])
def test_an_answer_may_have_any_length(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ANSWER", b"x" * size)
    heard = talk(ClubSocket, [frame(TEXT, BEAT)])
    assert heard.by_short_way == 1
    assert [len(text) for text in heard.got_texts()] == [size]


def test_who_reads_nothing_at_all_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told of it in words, which would not be read; and no ping is missed, since none is sent."""
    monkeypatch.setattr(unread, "UNREAD_SECONDS", 0)
    cut = []

    def stop(socket: WebSocketsSansIOProtocol, number: int) -> None:
        cut.append(cast("Line", socket.transport).is_cut)
        if number == 1:
            socket.pause_writing()
        elif number == 3:
            socket.resume_writing()
            socket.pause_writing()
            socket.resume_writing()

    talk(ClubSocket, [frame(TEXT, b"x")] * 3, before=stop)
    assert cut == [False, False, True]
    cut.clear()
    monkeypatch.setattr(unread, "UNREAD_SECONDS", 60)
    talk(ClubSocket, [frame(TEXT, b"x")] * 5, before=stop)
    assert not any(cut), "it reads again"


def test_after_the_servers_goodbye_nothing_is_heard() -> None:
    heard = talk(ClubSocket, [frame(TEXT, b"bye"), frame(TEXT, BEAT)])
    assert (heard.texts, heard.got_texts()) == (["bye"], [])


def test_who_reads_no_answers_is_not_heard_for_ever() -> None:
    """Answers would fill the server's memory: the heartbeat waits in the queue, and nothing more is read."""

    def stop_and_go(socket: WebSocketsSansIOProtocol, number: int) -> None:
        if number == 1:
            socket.pause_writing()
        elif number == 3:
            assert socket.read_paused
            socket.resume_writing()

    heard = talk(ClubSocket, [frame(TEXT, BEAT)] * 4, before=stop_and_go)
    assert heard.texts == ["beat"] * 4
    assert heard.got == [(TEXT, ANSWER)] * 4
    assert heard.by_short_way == 1, "the second waits to be answered, the others to be heard"


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_a_frame_is_as_long_as_its_head_says(size: int) -> None:
    whole = frame(TEXT, b"x" * size)
    heads = [frame_bytes(whole, 0), frame_bytes(b"?" + whole, 1), frame_bytes(whole[:14], 0)]
    assert heads == [len(whole)] * 3
    assert frame_bytes(whole[:1], 0) is None


def test_who_speaks_often_enough_is_not_pinged() -> None:
    timers: list[asyncio.TimerHandle | None] = []

    def note(socket: WebSocketsSansIOProtocol, _number: int) -> None:
        timers.append(socket.ping_timer)

    for kind in (ClubSocket, WebSocketsSansIOProtocol):
        talk(kind, [frame(TEXT, b"x")], before=note)
    assert timers[0] is None
    assert timers[1] is not None
