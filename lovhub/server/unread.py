"""Whoever is sent something, and does not read it, is cut off: it is kept in memory meanwhile."""

import asyncio
from typing import Any

UNREAD_SECONDS = 30
"""How long a client may leave what it is sent unread."""


class ReadsInTime(asyncio.Protocol):
    """The limit, beside a protocol of uvicorn's and before it: for answers to requests, and on WebSockets."""

    loop: asyncio.AbstractEventLoop
    transport: Any
    _unread_timer: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """The client does not read."""
        super().pause_writing()
        if self._unread_timer is None:
            self._unread_timer = self.loop.call_later(UNREAD_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads again."""
        self.forget_unread()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end."""
        self.forget_unread()
        super().connection_lost(exc)

    def forget_unread(self) -> None:
        """Wait no longer for the client to read."""
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None
