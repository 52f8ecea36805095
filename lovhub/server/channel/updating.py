"""The new version on its way to PCs: offered, handed over part by part, and what the PCs say of it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from lovhub.protocol.channel import Error
from lovhub.protocol.updates import PART_BYTES, UpdateNews, UpdateOffer, UpdatePart, UpdateWanted
from lovhub.server.actor import Actor
from lovhub.server.channel.player_requests import computer_of
from lovhub.server.channel.refused import Refused
from lovhub.server.updates import service
from lovhub.server.updates.packages import Offered
from lovhub.server.updates.rules import is_behind
from lovhub.server.updates.turns import Linked

if TYPE_CHECKING:
    from lovhub.server.channel.connection import Connection
    from lovhub.server.channel.hub import Hub


class UpdateChannel:
    """See `turns.Channel`. Where every PC has the version, to look for those that lack it costs nothing that grows."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._able: dict[str, dict[int, Connection]] = {}
        """By their versions: the PCs linked here that take updates."""

    def came(self, computer_id: int, connection: "Connection") -> None:
        """The PC has said hello; on the loop."""
        if connection.takes_updates:
            self._able.setdefault(connection.agent_version, {})[computer_id] = connection

    def went(self, computer_id: int, connection: "Connection") -> None:
        """That connection of the PC has ended; on the loop."""
        alike = self._able.get(connection.agent_version, {})
        if alike.get(computer_id) is connection:
            del alike[computer_id]
            if not alike:
                del self._able[connection.agent_version]

    def linked_for_updates(self, lacking: str | None = None) -> Mapping[int, Linked]:
        """See Channel."""
        able = {
            pc: link
            for version, alike in list(self._able.items())
            if lacking is None or is_behind(version, lacking)
            for pc, link in list(alike.items())
            if self._hub.connections.get(pc) is link
        }
        elsewhere = {
            pc: link
            for pc, link in self._hub.presence.elsewhere().items()
            if link.takes_updates and (lacking is None or is_behind(link.agent_version, lacking))
        }
        taken = self._hub.hall.taken_ids() if able or elsewhere else frozenset()
        there = {
            pc: Linked(version=link.agent_version, is_free=pc not in taken, is_here=False)
            for pc, link in elsewhere.items()
        }
        return there | {
            pc: Linked(
                version=link.agent_version,
                is_free=pc not in taken and link.customer_id is None and link.staff is None,
            )
            for pc, link in able.items()
        }

    def offer_update(self, computer_id: int, offered: Offered, *, again: bool) -> None:
        """See Channel."""
        self._hub.on_loop(lambda: self._hub.spawn(self._offer(computer_id, offered, again=again)))

    async def _offer(self, computer_id: int, offered: Offered, *, again: bool) -> None:
        async with self._hub.lock_of(computer_id):  # never before the welcome
            connection = self._hub.connections.get(computer_id)
            if connection is not None and connection.takes_updates:
                connection.offered = offered
                connection.send(UpdateOffer(update=offered.signed, again=again))


async def _wanted(connection: "Connection", frame: UpdateWanted) -> None:
    """Only what this PC was offered on this connection; from memory."""
    offered = connection.offered
    if offered is None or offered.sha256 != frame.sha256:
        raise Refused(Error(code="unexpected", text="not offered"))
    offset = max(0, frame.offset)
    connection.send(UpdatePart(offset, offered.package[offset : offset + PART_BYTES]))


async def _news(connection: "Connection", frame: UpdateNews) -> None:
    computer_id = computer_of(connection)
    if frame.state == "refused":
        connection.offered = None
    await connection.hub.in_thread(
        service.told,
        connection.hub.club,
        computer_id=computer_id,
        version=frame.version,
        state=frame.state,
        why=frame.why,
        actor=Actor("computer", computer_id, connection.computer_name, address=connection.address),
    )


UPDATE_FRAMES: dict[type, Callable[["Connection", Any], Awaitable[None]]] = {
    UpdateWanted: _wanted,
    UpdateNews: _news,
}
"""The frame → who does what it asks for."""
