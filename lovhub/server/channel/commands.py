"""Commands to PCs: each has an id, a lifetime and an answer, and is executed at most once."""

import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lovhub.protocol.channel import Command, CommandResult
from lovhub.server.actor import Actor
from lovhub.server.errors import OperationRefused
from lovhub.server.pc import service as pc_service

if TYPE_CHECKING:
    from lovhub.server.channel.hub import Hub

TTL_SECONDS = 15
LONGEST_TEXT = 500


@dataclass(frozen=True)
class _Sent:
    computer_id: int
    actor: Actor
    sent_at: float
    deadline: float


class Commands:
    """Sends commands and writes down what became of them. Callable from any thread."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._sent: dict[str, _Sent] = {}
        self._lock = threading.Lock()

    def send_message(self, computer_id: int, text: str, actor: Actor) -> str:
        """Show `text` to the player; returns the command's id.

        Refused with `computer_silent` when the PC is not linked, `text_missing` for an empty text.
        """
        text = text.strip()[:LONGEST_TEXT]
        if not text:
            raise OperationRefused("text_missing")
        if computer_id not in self._hub.connections:
            raise OperationRefused("computer_silent")
        command_id = secrets.token_urlsafe(12)
        pc_service.command_sent(
            self._hub.club,
            computer_id=computer_id,
            command_id=command_id,
            kind="message",
            actor=actor,
            text=text,
        )
        now = self._hub.club.clock.monotonic()
        with self._lock:
            self._sent[command_id] = _Sent(computer_id, actor, now, now + TTL_SECONDS)
        command = Command(command_id=command_id, kind="message", ttl_seconds=TTL_SECONDS, text=text)
        self._hub.on_loop(lambda: self._hub.spawn(self._deliver(computer_id, command)))
        return command_id

    async def _deliver(self, computer_id: int, command: Command) -> None:
        async with self._hub.lock_of(computer_id):  # never before the welcome
            connection = self._hub.connections.get(computer_id)
            if connection is not None:
                connection.send(command)

    def answered(self, computer_id: int, result: CommandResult) -> None:
        """The PC says what became of it; an answer nobody waits for is passed over."""
        with self._lock:
            sent = self._sent.get(result.command_id)
            if sent is None or sent.computer_id != computer_id:
                return
            del self._sent[result.command_id]
        took_seconds = self._hub.club.clock.monotonic() - sent.sent_at
        pc_service.command_answered(
            self._hub.club,
            computer_id=computer_id,
            command_id=result.command_id,
            state="done" if result.ok else "failed",
            actor=sent.actor,
            took_ms=round(took_seconds * 1000),
            detail=result.detail,
        )

    def expire(self) -> None:
        """What was not answered in time counts as expired."""
        now = self._hub.club.clock.monotonic()
        with self._lock:
            late = {key: sent for key, sent in self._sent.items() if sent.deadline < now}
            for key in late:
                del self._sent[key]
        for key, sent in late.items():
            self._hub.spawn(self._hub.in_thread(self._expired, key, sent))

    def _expired(self, command_id: str, sent: _Sent) -> None:
        pc_service.command_answered(
            self._hub.club,
            computer_id=sent.computer_id,
            command_id=command_id,
            state="expired",
            actor=sent.actor,
        )
