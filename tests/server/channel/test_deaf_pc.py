"""A PC that speaks and never reads: over real TLS, with a program that is hostile, or hung in the middle."""

import asyncio
import socket
from contextlib import suppress

import pytest

from lovhub.protocol import CHANNEL_PATH
from lovhub.protocol.channel import Paired, client_codec
from lovhub.server import unread
from tests.server.channel.conftest import ChannelServer, PairPc, Pc, eventually, run

TEXT, PING = 0x81, 0x89
MOST_BYTES = 64 * 1024 * 1024


def said(kind: int, payload: bytes) -> bytes:
    """One frame, masked with zeros."""
    size = len(payload)
    head = bytes((0x80 | size,)) if size < 126 else bytes((0x80 | 126,)) + size.to_bytes(2, "big")
    return bytes((kind,)) + head + bytes(4) + payload


def deaf(channel: ChannelServer, paired: Paired) -> socket.socket:
    """A PC of the club that has said hello, and reads nothing from now on."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", channel.port))
    line = channel.tls().wrap_socket(raw, server_hostname="localhost")
    line.sendall(
        b"GET %s HTTP/1.1\r\nHost: club\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        % CHANNEL_PATH.encode()
    )
    assert line.recv(1000).startswith(b"HTTP/1.1 101")
    line.sendall(said(TEXT, client_codec.encode(Pc(None).hello_of(paired))))  # type: ignore[arg-type]
    return line


def flood(line: socket.socket) -> None:
    """Ping, and leave all answers unread, until the server hangs up."""
    pings = said(PING, b"x" * 125) * 500
    line.settimeout(3)
    sent_bytes = 0
    with suppress(OSError):
        while sent_bytes < MOST_BYTES:
            sent_bytes += line.send(pings)


def test_who_reads_nothing_is_cut_off_and_counts_as_linked_no_more(
    channel: ChannelServer, pair_pc: PairPc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread, "UNREAD_SECONDS", 0.5)

    async def work() -> None:
        paired = await pair_pc()
        line = await asyncio.to_thread(deaf, channel, paired)
        with line:
            await eventually(lambda: paired.computer_id in channel.hub.connections)
            connection = channel.hub.connections[paired.computer_id]
            await eventually(lambda: connection._listens)
            await asyncio.to_thread(flood, line)
            await eventually(connection.closed.is_set)
        assert paired.computer_id not in channel.hub.presence

    run(work)
