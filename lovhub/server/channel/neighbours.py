"""The other servers on the same PostgreSQL, as the hub deals with them.

The rows are the truth (`nodes/`): which server has which PC's channel, and which PCs wait at which server. News tell
that they have changed, and they are read again, several at once, by one task. What asks something of a PC elsewhere
goes there as a letter. A server that PostgreSQL does not answer sends its PCs to the others; one that the others have
counted among the dead begins anew, under another number.
"""

import asyncio
import contextlib
import platform
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import msgspec
import structlog

from lovhub.protocol.channel import Bye, Command, CommandResult, Error
from lovhub.protocol.views import LockState
from lovhub.server import bus
from lovhub.server.actor import Actor
from lovhub.server.channel.doubles import note_doubled
from lovhub.server.channel.post import Post
from lovhub.server.channel.presence import Elsewhere
from lovhub.server.database.migrate import check_version
from lovhub.server.errors import OperationRefused
from lovhub.server.jobs.scheduler import Job
from lovhub.server.live import PendingPairing
from lovhub.server.nodes import letters, queries, service
from lovhub.server.nodes.place import Place
from lovhub.server.nodes.queries import LinkRow
from lovhub.server.sessions import link

if TYPE_CHECKING:
    from lovhub.server.channel.connection import Connection
    from lovhub.server.channel.hub import Hub

TURN_SECONDS = 0.5
"""So often is told what has changed of PCs here."""

TOGETHER_SECONDS = 0.03
"""News that come so close together are read of at once."""

LOOK_SECONDS = 1.0
DEAD_SECONDS = 5.0
"""Who is gone for so long is dead. PostgreSQL that is started anew loses all nodes for a moment."""

CUT_OFF_SECONDS = 8.0
"""PCs are sent to the other servers when PostgreSQL has not answered for so long."""

RECONNECT_SECONDS = 1

log = structlog.get_logger("nodes")


@dataclass(frozen=True)
class _Waiting:
    """A PC that waits for approval at another node."""

    node_id: int
    since: int
    shown: PendingPairing


class Neighbours:
    """Callable from any thread, but for what is `async`."""

    def __init__(self, hub: "Hub", place: Place) -> None:
        self._hub = hub
        self._place = place
        self._stop_server: Callable[[], None] = lambda: None
        self._others: frozenset[int] = frozenset()
        self._missing_since: dict[int, float] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._post = Post(hub)
        # Of the loop:
        self._wake = asyncio.Event()
        self._all_links = True
        self._changed: set[int] = set()
        self._nodes_changed = True
        self._letters_came = True
        # Noted from any thread:
        self._lock = threading.Lock()
        self._dirty: set[int] = set()
        self._waiting_here_changed = False

    @property
    def node_id(self) -> int | None:
        """The number under which the others know this server; None where there can be no others."""
        return self._place.node_id

    @property
    def leads(self) -> bool:
        """Whether this server does what one must do."""
        return self._place.leads()

    @property
    def is_cut_off(self) -> bool:
        """Whether PCs are better off at another server."""
        return bool(self._others) and self._place.silent_seconds() > CUT_OFF_SECONDS

    @property
    def sends_away(self) -> bool:
        """Whether a PC that comes is sent to another server."""
        return self.is_cut_off or not self._place.role.takes_computers

    def is_linked(self, computer_id: int) -> bool:
        """Whether a session may begin there: what another server says of its own PC is asked of the rows."""
        presence = self._hub.presence
        if not presence.is_elsewhere(computer_id):
            return presence.is_linked(computer_id)
        with self._hub.club.read() as db:
            return queries.has_link(db, computer_id)

    def jobs(self, stop_server: Callable[[], None]) -> list[Job]:
        """Who is still there; `stop_server`: what to do where nothing else helps."""
        self._stop_server = stop_server
        if self.node_id is None:
            return []
        return [Job("nodes", LOOK_SECONDS, self.look, everywhere=True)]

    # --- PCs that come and go here ----------------------------------------------------------------

    async def took(self, computer_id: int, connection: "Connection", lock: str) -> str:
        """The PC's channel is here; returns the address from which another server still had it, "" for none."""
        if self.node_id is None:
            return ""
        return await self._hub.in_thread(
            service.take_link,
            self._hub.club,
            node_id=self.node_id,
            computer_id=computer_id,
            shown=service.Shown(
                address=connection.address,
                lock=lock,
                commands=sorted(connection.commands),
                takes_updates=connection.takes_updates,
            ),
        )

    def noticed(self, computer_id: int) -> None:
        """The PC is shown differently than before."""
        if self.node_id is not None:
            with self._lock:
                self._dirty.add(computer_id)

    def waiting_changed(self) -> None:
        """Other PCs than before wait here for approval."""
        with self._lock:
            self._waiting_here_changed = True

    def send_away(self) -> None:
        """All PCs go to other servers; on the loop."""
        for connection in list(self._hub.connections.values()):
            connection.send(Bye(reconnect_after_seconds=RECONNECT_SECONDS))
            connection.finish()

    # --- what the others have done ----------------------------------------------------------------

    def hear(self, news: bus.News) -> None:
        """On the loop."""
        match news:
            case bus.LinkChanged(computer_id):
                self._changed.add(computer_id)
            case bus.WaitingChanged(node_id) if node_id != self.node_id:
                self._nodes_changed = True
            case bus.LetterCame(node_id) if node_id == self.node_id:
                self._letters_came = True
            case bus.NewsMissed():
                self._all_links = self._nodes_changed = self._letters_came = True
            case _:
                return
        self._wake.set()

    async def work_for_ever(self) -> None:
        """Read what has changed, and tell what has changed here."""
        if self.node_id is None:
            return
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), TURN_SECONDS)
            await asyncio.sleep(TOGETHER_SECONDS)
            self._wake.clear()
            try:
                await self._turn()
            except Exception:
                # PostgreSQL is away, mostly: whatever was missed is read when it is back.
                log.warning("neighbours_not_read", exc_info=True)
                self._all_links = self._nodes_changed = self._letters_came = True
                await asyncio.sleep(TURN_SECONDS)

    async def _turn(self) -> None:
        if self._letters_came:
            self._letters_came = False
            if self.node_id is not None:
                await self._post.read(self.node_id)
        if self._all_links:
            self._all_links = False
            self._changed.clear()
            await self._read_links(None)
        elif self._changed:
            changed, self._changed = self._changed, set()
            await self._read_links(changed)
        if self._nodes_changed:
            self._nodes_changed = False
            await self._read_waiting()
        await self._tell()

    async def _read_links(self, only: Collection[int] | None) -> None:
        for row in await self._links(only):
            if row.node_id is None or row.node_id == self.node_id:
                self._not_elsewhere(row)
            elif row.computer_id in self._hub.connections:
                await self._came_elsewhere(row.computer_id)
            else:
                self._hub.presence.note_elsewhere(row.computer_id, _elsewhere(row))
            if row.node_id is not None and self._hub.commands.waking(row.computer_id):
                await self._hub.in_thread(self._hub.commands.computer_linked, row.computer_id)

    async def _links(self, only: Collection[int] | None) -> list[LinkRow]:
        def read() -> list[LinkRow]:
            with self._hub.club.read() as db:
                return queries.links(db, self._hub.club.club_id, only)

        return await self._hub.in_thread(read)

    def _not_elsewhere(self, row: LinkRow) -> None:
        silent = None
        if row.last_seen_at is not None:
            silent = max(0, self._hub.club.clock.now() - row.last_seen_at)
        was = self._hub.presence.note_gone(
            row.computer_id, silent_seconds=silent, said_goodbye=row.said_goodbye
        )
        if was and row.node_id is None and not row.said_goodbye:
            self._hub.hall.losses.note()

    async def _came_elsewhere(self, computer_id: int) -> None:
        """The PC was here a moment ago. Read again while nobody can come: it may be back by now."""
        async with self._hub.lock_of(computer_id):
            for row in await self._links([computer_id]):
                if row.node_id is None or row.node_id == self.node_id:
                    return
                connection = self._hub.connections.pop(computer_id, None)
                self._hub.presence.note_elsewhere(computer_id, _elsewhere(row))
                if connection is None:
                    return
                connection.send(Error(code="replaced", text="this PC has a newer connection"))
                connection.finish()
                if self._hub.doubles.is_news(
                    computer_id, before=connection.address, now=row.address
                ):
                    await self._hub.in_thread(note_doubled, self._hub.club, computer_id)

    async def _read_waiting(self) -> None:
        def read() -> dict[str, _Waiting]:
            with self._hub.club.read() as db:
                found = queries.nodes(db, self._hub.club.club_id)
            self._others = frozenset(node.id for node in found if node.id != self.node_id)
            return {
                one["pairing_id"]: _Waiting(
                    node.id,
                    one["since"],
                    msgspec.convert(
                        {key: one[key] for key in one if key != "since"}, PendingPairing
                    ),
                )
                for node in found
                if node.id != self.node_id
                for one in node.waiting
            }

        self._waiting = await self._hub.in_thread(read)
        self._hub.hall.changed(0)

    async def _tell(self) -> None:
        node_id = self.node_id
        with self._lock:
            dirty, self._dirty = self._dirty, set()
            waiting_changed, self._waiting_here_changed = self._waiting_here_changed, False
        if node_id is None:
            return
        try:
            await self._tell_sights(node_id, dirty & self._hub.connections.keys())
            if waiting_changed:
                await self._tell_waiting(node_id)
        except Exception:
            with self._lock:  # nobody else knows it yet: at the next turn
                self._dirty |= dirty
                self._waiting_here_changed |= waiting_changed
            raise

    async def _tell_sights(self, node_id: int, here: Collection[int]) -> None:
        if not here:
            return
        seen = {pc: self._hub.presence.sight(pc) for pc in here}
        await self._hub.in_thread(
            service.note_sights,
            self._hub.club,
            node_id=node_id,
            sights={pc: (sight.lock, sight.application_id) for pc, sight in seen.items()},
        )

    async def _tell_waiting(self, node_id: int) -> None:
        now = self._hub.club.clock.now()
        waiting: list[dict[str, Any]] = [
            {**msgspec.structs.asdict(one), "since": now - one.waiting_seconds}
            for one in self._hub.pairings.pending_here()
        ]
        await self._hub.in_thread(
            service.note_waiting, self._hub.club, node_id=node_id, waiting=waiting
        )

    # --- asking PCs elsewhere ---------------------------------------------------------------------

    def carry(self, computer_id: int, command: Command) -> bool:
        """Have another server put the command to its PC; False if none has it."""
        if self.node_id is None:
            return False
        there = self._hub.presence.elsewhere().get(computer_id)
        if there is None:
            return False
        self._post.send(there.node_id, letters.Carry(computer_id, command, self.node_id))
        return True

    def answered(self, asker: int, computer_id: int, result: CommandResult) -> None:
        """Tell whoever has asked what the PC has answered."""
        self._post.send(asker, letters.Answered(computer_id, result))

    def waiting(self) -> tuple[PendingPairing, ...]:
        """PCs that wait at other servers."""
        now = self._hub.club.clock.now()
        return tuple(
            msgspec.structs.replace(one.shown, waiting_seconds=max(0, now - one.since))
            for one in self._waiting.values()
        )

    def approve(self, pairing_id: str, name: str, actor: Actor) -> int:
        """Have another server let the PC in; returns the PC's id. OperationRefused: as there, and `pairing_gone`."""
        waiting = self._waiting.get(pairing_id)
        if waiting is None or self.node_id is None:
            raise OperationRefused("pairing_gone")
        return self._post.approve(
            waiting.node_id, pairing_id=pairing_id, name=name, actor=actor, asker=self.node_id
        )

    def refuse(self, pairing_id: str, actor: Actor) -> None:
        """Have another server send the PC away."""
        waiting = self._waiting.get(pairing_id)
        if waiting is not None:
            self._post.send(waiting.node_id, letters.Refuse(pairing_id, actor))

    # --- who is still there -----------------------------------------------------------------------

    def look(self) -> None:
        """In a thread of its own, every second: the rows, and whether their nodes live."""
        club = self._hub.club
        with club.read() as db:
            there = {node.id for node in queries.nodes(db, club.club_id)}
        if self.node_id is not None and self.node_id not in there:
            self._begin_anew()
            return
        self._others = frozenset(there - {self.node_id})
        if not self._place.leads():
            self._missing_since.clear()
            return
        now = club.clock.monotonic()
        for node_id in sorted(self._others):
            with self._place.instead_of(node_id) as is_gone:
                if not is_gone:
                    self._missing_since.pop(node_id, None)
                elif now - self._missing_since.setdefault(node_id, now) >= DEAD_SECONDS:
                    self._bury(node_id)

    def _bury(self, node_id: int) -> None:
        club = self._hub.club
        with club.read() as db:
            lost = queries.linked_at(db, node_id)
        for computer_id in lost:
            link.link_lost(club, computer_id=computer_id, node_id=node_id)
        service.bury(club, node_id)
        self._missing_since.pop(node_id, None)
        log.warning("node_died", node=node_id, computers=len(lost))

    def _begin_anew(self) -> None:
        """The others have counted this server among the dead, and its PCs with it: they come back by themselves."""
        log.warning("node_was_buried", node=self.node_id)
        if not check_version(self._hub.club.database):
            self._stop_server()
            return
        node_id = service.join(self._hub.club, name=platform.node(), is_first=False)
        self._place.be_node(node_id)
        self._hub.on_loop(self.send_away)
        self._hub.on_loop(self.hear, bus.NewsMissed())


def _elsewhere(row: LinkRow) -> Elsewhere:
    return Elsewhere(
        node_id=row.node_id or 0,
        address=row.address,
        lock=cast("LockState", row.lock),
        application_id=row.application_id,
        commands=row.commands,
        agent_version=row.agent_version,
        takes_updates=row.takes_updates,
    )
