"""Where the launcher attaches: one at a time, proven by token and by operating system user."""

import asyncio
import hmac
import secrets
from typing import Protocol

import structlog

from lovhub.agent.platform.common import Listener
from lovhub.agent.seat import Seat
from lovhub.protocol.codec import ProtocolError
from lovhub.protocol.local import (
    AgentMessage,
    Attach,
    LauncherMessage,
    agent_codec,
    launcher_codec,
)

log = structlog.get_logger("local")

ATTACH_SECONDS = 5.0
UNREAD_LIMIT_BYTES = 1024 * 1024
"""A launcher that reads nothing for so much is as good as gone."""


class LauncherHandler(Protocol):
    """What the agent does with what the launcher says."""

    def launcher_attached(self) -> None:
        """A launcher is there and must be told everything."""
        ...

    def launcher_message(self, message: LauncherMessage) -> None:
        """The player did something, or the launcher tells that it lives."""
        ...


class LocalServer:
    """Listens on the PC's own endpoint."""

    def __init__(self, endpoint: str, handler: LauncherHandler, seat: Seat) -> None:
        self.endpoint = endpoint
        self.launcher_pid = 0
        """The process that was started last as the launcher."""
        self._seat = seat
        self._handler = handler
        self._token = ""
        self._attached: asyncio.StreamWriter | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: Listener | None = None

    async def start(self) -> None:
        """Begin to listen; raises OSError."""
        self._server = await self._seat.serve(self.endpoint, self._connected)

    async def stop(self) -> None:
        """Close everything."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.close()

    def new_token(self) -> str:
        """A token for the launcher about to be started; earlier ones, and their holder, are out."""
        self._token = secrets.token_urlsafe(32)
        self.detach()
        return self._token

    def detach(self) -> None:
        """Drop the attached launcher."""
        if self._attached is not None:
            self._attached.close()
            self._attached = None

    def send(self, message: AgentMessage) -> bool:
        """Tell the launcher, if one is there; whether there is."""
        writer = self._attached
        if writer is None or writer.is_closing():
            return False
        if writer.transport.get_write_buffer_size() > UNREAD_LIMIT_BYTES:
            log.warning("launcher_does_not_read")
            self.detach()
            return False
        writer.write(agent_codec.encode(message) + b"\n")
        return True

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._serve(reader, writer)
        except (ProtocolError, ValueError) as error:  # ValueError: a line longer than the limit
            log.warning("launcher_refused", reason=str(error))
        except OSError as error:
            log.info("launcher_gone", reason=str(error))
        finally:
            self._writers.discard(writer)
            if self._attached is writer:
                self._attached = None
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._seat.is_launcher(writer, self.launcher_pid):
            raise ProtocolError("unexpected", "a process that was not started as the launcher")
        line = await asyncio.wait_for(reader.readline(), ATTACH_SECONDS)
        if not line:
            return
        attach = launcher_codec.decode(line)
        if not isinstance(attach, Attach):
            raise ProtocolError("unexpected", "not attached")
        if not self._token or not hmac.compare_digest(attach.token.encode(), self._token.encode()):
            raise ProtocolError("unexpected", "a wrong token")
        self.detach()
        self._attached = writer
        self._handler.launcher_attached()
        while line := await reader.readline():
            message = launcher_codec.decode(line)
            if self._attached is not writer:
                return
            if isinstance(message, Attach):
                raise ProtocolError("unexpected", "attached already")
            self._handler.launcher_message(message)
