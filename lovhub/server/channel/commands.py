"""Commands to PCs: each has an id, a lifetime and an answer, and is executed at most once."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lovhub import waking
from lovhub.protocol.channel import Command, CommandResult
from lovhub.server.actor import Actor
from lovhub.server.errors import OperationRefused
from lovhub.server.libraries.rules import Findings, believed
from lovhub.server.pc import service as pc_service
from lovhub.server.remote.kept import KeptAnswers
from lovhub.server.remote.rules import LONGEST_TEXT, Order, Standing, lifetime_seconds
from lovhub.server.remote.screenshots import NoPicture, Screenshots

if TYPE_CHECKING:
    from lovhub.server.channel.hub import Hub

FINDINGS_SECONDS = 3600
"""So long may somebody choose among the games that were found."""

MOST_FINDINGS = 20


@dataclass(frozen=True)
class _Sent:
    computer_id: int
    kind: str
    actor: Actor
    sent_at: float
    deadline: float


@dataclass(frozen=True)
class _Carried:
    """A command of another server's to a PC here. `asker`: who waits for the answer."""

    asker: int
    computer_id: int
    deadline: float


class Commands:
    """Sends commands and writes down what became of them. Callable from any thread."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._sent: dict[str, _Sent] = {}
        self._carried: dict[str, _Carried] = {}
        self._lock = threading.Lock()
        self._waiting = Counter[int]()
        """How many deliveries to a PC wait until it has come or gone; on the loop only."""
        self._screenshots = Screenshots(hub.club.clock)
        self._findings: KeptAnswers[Findings] = KeptAnswers(
            hub.club.clock, seconds=FINDINGS_SECONDS, most=MOST_FINDINGS
        )
        self.broadcast: Callable[[Iterable[str], Iterable[str]], None] = waking.broadcast
        """How the network is told to wake somebody; tests put something else here."""

    def send_message(self, computer_id: int, text: str, actor: Actor) -> str:
        """Show `text` to the player; returns the command's id.

        Refused with `computer_silent` when the PC is not linked, `text_missing` for an empty text.
        """
        text = text.strip()[:LONGEST_TEXT]
        if not text:
            raise OperationRefused("text_missing")
        here = computer_id in self._hub.connections
        if not here and computer_id not in self._hub.presence.elsewhere():
            raise OperationRefused("computer_silent")
        return self.send({computer_id: Order("message", text)}, actor)[computer_id]

    def understood(self) -> Mapping[int, frozenset[str]]:
        """See CommandDesk."""
        elsewhere = {pc: there.commands for pc, there in self._hub.presence.elsewhere().items()}
        here = {pc: link.commands for pc, link in list(self._hub.connections.items())}
        return {**elsewhere, **here}

    def send(self, orders: Mapping[int, Order], actor: Actor) -> dict[int, str]:
        """See CommandDesk."""
        command_ids = self._note(orders, actor)
        expires_at = self._hub.club.clock.now()
        for computer_id, order in orders.items():
            seconds = lifetime_seconds(order.kind)
            command = Command(
                command_id=command_ids[computer_id],
                kind=order.kind,
                ttl_seconds=seconds,
                text=order.text if order.kind == "message" else "",
                expires_at=expires_at + seconds,
                session_id=order.session_id,
                application_id=order.application_id,
                percent=order.percent,
            )
            self._put(computer_id, command)
        self._hub.let_the_loop_go_first()
        return command_ids

    def wake(
        self, sleeping: Mapping[int, Standing], helpers: Mapping[int, list[int]], actor: Actor
    ) -> dict[int, str]:
        """See CommandDesk. It is done when the PC is heard of."""
        command_ids = self._note({pc: Order("wake") for pc in sleeping}, actor)
        for computer_id, standing in sleeping.items():
            for helper in helpers.get(computer_id, ()):
                # Nobody waits for this one's answer: what counts is who wakes.
                call = Command(
                    command_id=os.urandom(12).hex(),
                    kind="wake",
                    ttl_seconds=lifetime_seconds("message"),
                    expires_at=self._hub.club.clock.now() + lifetime_seconds("message"),
                    macs=standing.macs,
                )
                self._put(helper, call)
        macs = [mac for standing in sleeping.values() for mac in standing.macs]
        near = [place for standing in sleeping.values() for place in standing.addresses[:1]]
        if macs:
            try:
                self.broadcast(macs, near)
            except OSError as error:
                # Those who can be called by a neighbour may wake all the same.
                alone = [pc for pc in sleeping if not helpers.get(pc)]
                self._give_up([command_ids[pc] for pc in alone], str(error))
        return command_ids

    def screenshot(self, command_id: str, staff_id: int | None) -> bytes | None:
        """See CommandDesk."""
        return self._screenshots.seen_by(command_id, staff_id)

    def findings(self, command_id: str, staff_id: int | None) -> Findings | None:
        """See CommandDesk."""
        return self._findings.seen_by(command_id, staff_id)

    def _note(self, orders: Mapping[int, Order], actor: Actor) -> dict[int, str]:
        command_ids = {computer_id: os.urandom(12).hex() for computer_id in orders}
        if not orders:
            return {}
        pc_service.commands_sent(
            self._hub.club,
            [
                pc_service.Sending(pc, command_ids[pc], order.kind, order.text)
                for pc, order in orders.items()
            ],
            actor,
        )
        now = self._hub.club.clock.monotonic()
        with self._lock:
            for pc, order in orders.items():
                until = now + lifetime_seconds(order.kind)
                self._sent[command_ids[pc]] = _Sent(pc, order.kind, actor, now, until)
        return command_ids

    def _put(self, computer_id: int, command: Command) -> None:
        if not self._hub.neighbours.carry(computer_id, command):
            self._hub.on_loop(self._hand_over, computer_id, command)

    def _hand_over(self, computer_id: int, command: Command) -> None:
        """On the loop. What somebody has clicked makes no task of its own, unless the PC comes or goes just now.

        Nor does it overtake what has waited for that.
        """
        if self._hub.lock_of(computer_id).locked() or computer_id in self._waiting:
            self._hub.spawn(self._deliver(computer_id, command))
        elif (connection := self._hub.connections.get(computer_id)) is not None:
            connection.send(command)

    async def carried(self, computer_id: int, command: Command, asker: int) -> None:
        """Another server asks this of a PC that is linked here."""
        deadline = self._hub.club.clock.monotonic() + command.ttl_seconds
        with self._lock:
            self._carried[command.command_id] = _Carried(asker, computer_id, deadline)
        await self._deliver(computer_id, command)

    def _deliver(self, computer_id: int, command: Command) -> Coroutine[Any, Any, None]:
        self._waiting[computer_id] += 1  # from now on, not from when it begins
        return self._in_turn(computer_id, command)

    async def _in_turn(self, computer_id: int, command: Command) -> None:
        try:
            async with self._hub.lock_of(computer_id):  # never before the welcome
                connection = self._hub.connections.get(computer_id)
            if connection is not None:
                await connection.answer(command)
        finally:
            self._waiting[computer_id] -= 1
            if not self._waiting[computer_id]:
                del self._waiting[computer_id]

    def waking(self, computer_id: int) -> list[str]:
        """Commands that wait for this PC to wake; memory only."""
        with self._lock:
            return [
                key
                for key, sent in self._sent.items()
                if sent.computer_id == computer_id and sent.kind == "wake"
            ]

    def computer_linked(self, computer_id: int) -> None:
        """The PC said hello: if it was to be woken, it is awake."""
        for command_id in self.waking(computer_id):
            self._close(command_id, "done")

    def answered(self, computer_id: int, result: CommandResult) -> None:
        """The PC says what became of it; an answer nobody waits for is passed over."""
        with self._lock:
            sent = self._sent.get(result.command_id)
            carried = self._carried.get(result.command_id)
            is_carried = carried is not None and carried.computer_id == computer_id
            if is_carried:
                del self._carried[result.command_id]
        if carried is not None and is_carried:
            self._hub.neighbours.answered(carried.asker, computer_id, result)
            return
        if sent is None or sent.computer_id != computer_id or sent.kind == "wake":
            return
        is_done, detail = result.ok, result.detail
        if is_done and sent.kind == "screenshot":
            try:
                self._screenshots.keep(result.command_id, result.picture, sent.actor.id)
            except NoPicture:
                is_done, detail = False, "screenshot_failed"
        elif is_done and sent.kind == "find_games":
            found = believed(computer_id, result)
            self._findings.keep(result.command_id, found, sent.actor.id)
        self._close(result.command_id, "done" if is_done else "failed", detail)

    def _give_up(self, command_ids: Iterable[str], detail: str) -> None:
        for command_id in command_ids:
            self._close(command_id, "failed", detail)

    def _close(self, command_id: str, state: str, detail: str = "") -> None:
        with self._lock:
            sent = self._sent.pop(command_id, None)
        if sent is None:
            return  # answered before, or expired meanwhile
        took_seconds = self._hub.club.clock.monotonic() - sent.sent_at
        pc_service.command_answered(
            self._hub.club,
            computer_id=sent.computer_id,
            command_id=command_id,
            kind=sent.kind,
            state=state,
            actor=sent.actor,
            took_ms=None if state == "expired" else round(took_seconds * 1000),
            detail=detail,
        )

    def expire(self) -> None:
        """What was not answered in time counts as expired; pictures are not kept longer than they may be."""
        now = self._hub.club.clock.monotonic()
        with self._lock:
            late = [key for key, sent in self._sent.items() if sent.deadline < now]
            for key in [key for key, one in self._carried.items() if one.deadline < now]:
                del self._carried[key]
        for key in late:
            self._hub.spawn(self._hub.in_thread(self._close, key, "expired"))
        self._screenshots.forget()
        self._findings.forget()
