import asyncio
from typing import cast

from starlette.types import Message
from starlette.websockets import WebSocket
from uvicorn.protocols.utils import ClientDisconnected

from lovhub.protocol.channel import Ack, NameChanged, ServerFrame, server_codec
from lovhub.server.channel.connection import Connection
from lovhub.server.channel.hub import Hub


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


def connect(line: Line) -> Connection:
    return Connection(cast("Hub", None), cast("WebSocket", line), line.receive, line.send)


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
