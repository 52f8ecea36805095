"""Letters to and from the other servers: what asks something of a PC that is linked, or waits, at one of them."""

import itertools
import threading
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import DBAPIError

from lovhub.server.actor import Actor
from lovhub.server.errors import OperationRefused
from lovhub.server.nodes import letters, service

if TYPE_CHECKING:
    from lovhub.server.channel.hub import Hub

REPLY_SECONDS = 5.0

log = structlog.get_logger("nodes")


class Post:
    """Callable from any thread, but for what is `async`."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._asked: dict[int, tuple[threading.Event, list[letters.Reply]]] = {}
        self._numbers = itertools.count(1)

    def send(self, node_id: int, letter: letters.Letter) -> None:
        """It is read once there, or never, if that server or PostgreSQL is gone: whoever waits waits only so long."""
        try:
            service.send_letter(self._hub.club, to_node_id=node_id, content=letters.encode(letter))
        except DBAPIError:
            log.warning("letter_not_sent", node=node_id, letter=type(letter).__name__)

    def approve(self, node_id: int, *, pairing_id: str, name: str, actor: Actor, asker: int) -> int:
        """Have the server `node_id` let in a PC that waits there; returns the PC's id. `asker`: this server.

        Raises OperationRefused: as there, and `pairing_gone`, where no answer comes.
        """
        number = next(self._numbers)
        came: threading.Event = threading.Event()
        replies: list[letters.Reply] = []
        self._asked[number] = (came, replies)
        try:
            self.send(node_id, letters.Approve(pairing_id, name, actor, asker, number))
            if not came.wait(REPLY_SECONDS):
                raise OperationRefused("pairing_gone")
        finally:
            del self._asked[number]
        reply = replies[0]
        if reply.code:
            raise OperationRefused(reply.code, **reply.values)
        return reply.computer_id

    async def read(self, node_id: int) -> None:
        """Act on what has come for this server."""
        for content in await self._hub.in_thread(service.take_letters, self._hub.club, node_id):
            letter = letters.decode(content)
            if letter is not None:
                # One that takes its time holds up none of the others.
                self._hub.spawn(self._act_on(letter))

    async def _act_on(self, letter: letters.Letter) -> None:
        hub = self._hub
        match letter:
            case letters.Carry(computer_id, command, asker):
                await hub.commands.carried(computer_id, command, asker)
            case letters.Answered(computer_id, result):
                await hub.in_thread(hub.commands.answered, computer_id, result)
            case letters.Approve():
                await hub.in_thread(self._approve_here, letter)
            case letters.Refuse(pairing_id, actor):
                await hub.in_thread(hub.pairings.refuse, pairing_id, actor)
            case letters.Reply(number):
                asked = self._asked.get(number)
                if asked is not None:
                    asked[1].append(letter)
                    asked[0].set()

    def _approve_here(self, letter: letters.Approve) -> None:
        try:
            computer_id = self._hub.pairings.approve_here(
                letter.pairing_id, letter.actor, letter.name
            )
            reply = letters.Reply(letter.number, computer_id)
        except OperationRefused as refusal:
            reply = letters.Reply(letter.number, code=refusal.code, values=dict(refusal.values))
        self.send(letter.asker, reply)
