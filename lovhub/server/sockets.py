"""WebSockets: uvicorn's, and a short way within them for what a PC says all the time.

uvicorn hands a message to the program through a queue, and wakes a task for it; a small frame passes through a dozen
calls of `websockets` before that, and its answer through as many: two fifths of what a heartbeat cost the server. On
the short way the frame is heard, and answered, where its bytes come in.
"""

from collections.abc import Callable, MutableMapping
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.frames import apply_mask  # type: ignore[attr-defined]  # the compiled one, where there is one
from websockets.http11 import Request
from websockets.protocol import State

from lovhub.server.unread import ReadsInTime

Hear = Callable[[bytes], bytes | None]
"""Hears a text, as bytes that are UTF-8 if the client is honest. Returns the text that answers it, or None: it is then
heard by `receive`, as if nothing had been. It must neither raise nor wait."""

Offer = Callable[[Hear], None]

_OFFER = "lovhub.short_way"

_WHOLE_TEXT = 0x81
_MASKED = 0x80
_LENGTH = 0x7F
_LENGTH_IN_2 = 126
_MASK_BYTES = 4
_SHORT_HEAD_BYTES = 2 + _MASK_BYTES


def short_way(scope: MutableMapping[str, Any]) -> Offer | None:
    """How a connection is asked for its short way; None if this server has none."""
    offer: Offer | None = (scope.get("extensions") or {}).get(_OFFER)
    return offer


def frame_bytes(data: bytes, at: int) -> int | None:
    """How long the frame is that begins there, its head with it (RFC 6455, 5.2); None until its head has come."""
    rest = len(data) - at
    if rest < 2:
        return None
    head, length = 2, data[at + 1] & _LENGTH
    if data[at + 1] & _MASKED:
        head += _MASK_BYTES
    if length >= _LENGTH_IN_2:
        width = 2 if length == _LENGTH_IN_2 else 8
        if rest < 2 + width:
            return None
        head += width
        length = int.from_bytes(data[at + 2 : at + 2 + width], "big")
    return head + length


class ClubSocket(ReadsInTime, WebSocketsSansIOProtocol):
    """Knows where frames begin, so that a small text that comes whole may go the short way.

    All else is for `websockets`, which judges it. Who is pinged no more and reads nothing is ended by `ReadsInTime`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._hear: Hear | None = None
        self._head = b""
        """Of a frame, as much as has come of its head."""
        self._bytes_left = 0
        """Of a frame whose head has come: as many are still to come."""

    def handle_connect(self, event: Request) -> None:
        """A client asks to be let in."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"] = {
                **(self.scope["extensions"] or {}),
                _OFFER: cast("Any", self._take_short_way),
            }

    def _take_short_way(self, hear: Hear) -> None:
        """From now on `hear` hears small texts first. The client speaks often enough to need no pings."""
        self._hear = hear
        self.stop_keepalive()

    def data_received(self, data: bytes) -> None:
        """Some bytes came: those of the request, at once and alone (uvicorn sees to it), then frames."""
        if (
            self._hear is not None
            # One text of fewer than 126 bytes, masked as a client's must be, the last and only part of its message.
            and 0 <= (length := len(data) - _SHORT_HEAD_BYTES) < _LENGTH_IN_2
            and data[0] == _WHOLE_TEXT
            and data[1] == _MASKED + length
            and self._nothing_is_before()
            and (answer := self._hear(apply_mask(data[6:], data[2:6]))) is not None
        ):
            self._answer(answer)
            return
        if self.handshake_initiated:
            self._follow(data)
        try:
            super().data_received(data)
        except InvalidState:
            # A text that is no UTF-8, and with it the client's goodbye: uvicorn says its own twice.
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end."""
        self._hear = None
        super().connection_lost(exc)

    def _nothing_is_before(self) -> bool:
        """Whether nothing that came before still waits to be heard, or to be sent, or for its end."""
        return (
            not self._bytes_left
            and not self._head
            and self.conn.current_size is None  # in the midst of a message of several frames
            and self.conn.state is State.OPEN
            and self.queue.empty()
            and self.writable.is_set()
        )

    def _answer(self, text: bytes) -> None:
        if len(text) < _LENGTH_IN_2:
            self.transport.write(bytes((_WHOLE_TEXT, len(text))) + text)
        else:
            self.conn.send_text(text)
            self.transport.write(b"".join(self.conn.data_to_send()))

    def _follow(self, data: bytes) -> None:
        """Keep in mind how far the frame goes that has begun."""
        at = self._bytes_left
        data = self._head + data
        while (size := frame_bytes(data, at)) is not None:
            at += size
        self._head = data[at:]
        self._bytes_left = max(0, at - len(data))
