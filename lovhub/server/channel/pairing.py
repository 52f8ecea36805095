"""PCs that wait for the desk's approval. They live in memory, as long as their connection.

One attempt per approval: a PC commits, hears the server's nonce, reveals; then there is one code, and it is
approved or it is gone (`protocol/pairing.py`).
"""

import asyncio
import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lovhub import waking
from lovhub.protocol import pairing
from lovhub.protocol.channel import (
    ClientFrame,
    Error,
    Hello,
    PairChallenge,
    PairCommit,
    Paired,
    PairName,
    PairReveal,
)
from lovhub.server.actor import Actor
from lovhub.server.channel.hello import hello
from lovhub.server.channel.refused import FIRST_WORD_SECONDS, Refused
from lovhub.server.computers import service as computers_service
from lovhub.server.computers import tokens
from lovhub.server.errors import OperationRefused
from lovhub.server.live import PendingPairing

if TYPE_CHECKING:
    from lovhub.server.channel.connection import Connection
    from lovhub.server.channel.hub import Hub

MAX_PENDING = 100
LIFETIME_SECONDS = 600
MOST_NAMES = 20
"""So often a name may be typed at a PC while it waits."""

TOLD_AGAIN_AFTER_SECONDS = 3600
"""A copied disk asks again and again: people hear of its key once an hour."""


@dataclass
class _Pending:
    """`name`: typed at the PC. `token_id`: of the token that it has shown, 0 for none."""

    connection: "Connection"
    hostname: str
    mac: str
    public_key: bytes
    code: str
    since: float
    token_id: int
    name: str = ""
    approved: asyncio.Event = field(default_factory=asyncio.Event)


class Pairings:
    """The desk's list of PCs that show a code. Approving and refusing may come from any thread."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._pending: dict[str, _Pending] = {}
        self._lock = threading.Lock()
        self._told_of: dict[bytes, float] = {}

    async def converse(self, connection: "Connection", commit: PairCommit) -> None:
        """Lead an unpaired PC through the exchange, then wait until it goes away."""
        hub = self._hub
        hostname = computers_service.clean_name(commit.hostname, 64) or "PC"
        server_nonce = secrets.token_bytes(pairing.NONCE_BYTES)
        connection.send(PairChallenge(nonce=server_nonce, takes_name=True))
        reveal = await connection.receive_within(FIRST_WORD_SECONDS)
        if not isinstance(reveal, PairReveal):
            raise Refused(Error(code="unexpected", text="pair_reveal expected"))
        known_key = len(reveal.public_key) == computers_service.PUBLIC_KEY_BYTES
        if not known_key or not pairing.commitment_holds(
            commit.commit, reveal.public_key, reveal.nonce
        ):
            raise Refused(Error(code="pairing_refused", text="not what was committed to"))
        mac = commit.mac if waking.is_mac(commit.mac) else ""
        if await self._is_a_copy(connection.address, mac, reveal.public_key):
            raise Refused(Error(code="pairing_refused", text="another PC has this key"))
        pending = _Pending(
            connection=connection,
            hostname=hostname,
            mac=mac,
            public_key=reveal.public_key,
            code=pairing.pairing_code(
                identity_key=hub.statement.identity_key,
                certificate_sha256=hub.statement.certificate_sha256,
                public_key=reveal.public_key,
                pc_nonce=reveal.nonce,
                server_nonce=server_nonce,
            ),
            since=hub.club.clock.monotonic(),
            token_id=await self._token_of(reveal),
        )
        pairing_id = secrets.token_urlsafe(12)
        with self._lock:
            if len(self._pending) >= MAX_PENDING:
                raise Refused(Error(code="pairing_refused", text="too many PCs are waiting"))
            self._pending[pairing_id] = pending
        hub.pairings_changed()
        try:
            first = await self._after_names(pending)
            if not pending.approved.is_set() or not isinstance(first, Hello):
                raise Refused(Error(code="unexpected", text="wait for the desk"))
            await hello(connection, first)
        finally:
            self._take(pairing_id)

    async def _token_of(self, reveal: PairReveal) -> int:
        hub = self._hub
        if not reveal.bulk_token:
            return 0
        return await hub.in_thread(tokens.usable, hub.club, reveal.bulk_token)

    async def _after_names(self, pending: _Pending) -> ClientFrame:
        """What the PC says at last, after the names that somebody typed there meanwhile."""
        for _frame in range(MOST_NAMES + 1):
            frame = await pending.connection.receive()
            if not isinstance(frame, PairName):
                return frame
            pending.name = computers_service.clean_name(frame.name, computers_service.LONGEST_NAME)
            self._hub.pairings_changed()
        raise Refused(Error(code="pairing_refused", text="too many names"))

    async def _is_a_copy(self, address: str, mac: str, public_key: bytes) -> bool:
        """Whether another machine that is here now has the same key: the disk was copied with it."""
        hub = self._hub
        with self._lock:
            waits_elsewhere = any(
                pending.public_key == public_key
                and (pending.connection.address, pending.mac) != (address, mac)
                for pending in self._pending.values()
            )
        linked_from = {
            **{pc: there.address for pc, there in hub.presence.elsewhere().items()},
            **{pc: connection.address for pc, connection in hub.connections.items()},
        }
        elsewhere = {pc for pc, from_there in linked_from.items() if from_there != address}
        computer_id = await hub.in_thread(
            computers_service.computer_with_key, hub.club, public_key=public_key
        )
        if not waits_elsewhere and computer_id not in elsewhere:
            return False
        now = hub.club.clock.monotonic()
        told_at = self._told_of.get(public_key)
        if told_at is None or now - told_at >= TOLD_AGAIN_AFTER_SECONDS:
            self._told_of[public_key] = now
            await hub.in_thread(
                computers_service.note_doubled_key, hub.club, computer_id=computer_id
            )
        return True

    def pending(self) -> tuple[PendingPairing, ...]:
        """Who waits, here or at another server, the longest first."""
        everywhere = [*self.pending_here(), *self._hub.neighbours.waiting()]
        return tuple(sorted(everywhere, key=lambda one: -one.waiting_seconds))

    def pending_here(self) -> tuple[PendingPairing, ...]:
        """Who waits here."""
        now = self._hub.club.clock.monotonic()
        with self._lock:
            return tuple(
                PendingPairing(
                    pairing_id=pairing_id,
                    hostname=pending.hostname,
                    mac=pending.mac,
                    address=pending.connection.address,
                    code=pending.code,
                    waiting_seconds=int(now - pending.since),
                    name=pending.name,
                    token_id=pending.token_id,
                )
                for pairing_id, pending in self._pending.items()
            )

    def approve(self, pairing_id: str, actor: Actor, name: str = "") -> int:
        """Make the PC one of the club's, called so or as was typed there; returns its id.

        Refused with `pairing_gone`; with `name_taken`, and then it waits on; with `token_over`, and then it waits on
        as one without a token, whose code has to be compared.
        """
        with self._lock:
            is_here = pairing_id in self._pending
        if not is_here:
            return self._hub.neighbours.approve(pairing_id, name, actor)
        return self.approve_here(pairing_id, actor, name)

    def approve_here(self, pairing_id: str, actor: Actor, name: str = "") -> int:
        """As above, of a PC that waits at this server."""
        pending = self._take(pairing_id)
        if pending is None:
            raise OperationRefused("pairing_gone")
        try:
            paired = computers_service.pair(
                self._hub.club,
                hostname=pending.hostname,
                public_key=pending.public_key,
                actor=actor,
                name=name or pending.name,
                token_id=pending.token_id,
            )
        except OperationRefused as refusal:
            if refusal.code == "token_over":
                pending.token_id = 0
            elif refusal.code != "name_taken":
                self._hub.on_loop(self._send_away, pending, refusal.code)
                raise
            with self._lock:
                if not pending.connection.closed.is_set():
                    self._pending[pairing_id] = pending
            self._hub.on_loop(self._hub.pairings_changed)
            raise
        except Exception:
            # It is no longer in the list: only a new attempt brings it back.
            self._hub.on_loop(self._send_away, pending, "the server could not take it in")
            raise
        self._hub.on_loop(
            self._let_in,
            pending,
            Paired(
                computer_id=paired.computer_id,
                computer_name=paired.computer_name,
                token=paired.token,
            ),
        )
        return paired.computer_id

    def _let_in(self, pending: _Pending, paired: Paired) -> None:
        pending.approved.set()
        pending.connection.send(paired)
        self._hub.spawn(self._expect_hello(pending.connection))

    async def _expect_hello(self, connection: "Connection") -> None:
        """A PC that is let in says hello here or on a new connection; this one is not kept idle."""
        await asyncio.sleep(FIRST_WORD_SECONDS)
        if connection.computer_id is None:
            connection.send(Error(code="timeout", text="nothing was said"))
            connection.finish()

    def refuse(self, pairing_id: str, actor: Actor) -> None:
        """Send the PC away; whoever refuses a PC that has left is content, too."""
        pending = self._take(pairing_id)
        if pending is None:
            self._hub.neighbours.refuse(pairing_id, actor)
        else:
            computers_service.note_refused_pairing(
                self._hub.club, hostname=pending.hostname, actor=actor
            )
            self._hub.on_loop(self._send_away, pending, "refused by the desk")

    def expire(self) -> None:
        """Whoever waited too long begins anew, with another code."""
        oldest = self._hub.club.clock.monotonic() - LIFETIME_SECONDS
        with self._lock:
            late = [key for key, pending in self._pending.items() if pending.since < oldest]
        for pairing_id in late:
            pending = self._take(pairing_id)
            if pending is not None:
                self._send_away(pending, "nobody approved in time")

    def _send_away(self, pending: _Pending, text: str) -> None:
        pending.connection.send(Error(code="pairing_refused", text=text))
        pending.connection.finish()

    def _take(self, pairing_id: str) -> _Pending | None:
        with self._lock:
            pending = self._pending.pop(pairing_id, None)
        if pending is not None:
            self._hub.pairings_changed()
        return pending
