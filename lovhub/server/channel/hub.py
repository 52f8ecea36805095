"""The hub: everything that is linked, in one place. Lives on the event loop; the database is asked in threads."""

import asyncio
import contextlib
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

import structlog
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from lovhub.protocol import CHANNEL_PATH
from lovhub.protocol.channel import Bye, ClientFrame, Error
from lovhub.protocol.identity import make_statement
from lovhub.server.channel import heartbeat, rules, staff_requests
from lovhub.server.channel.commands import Commands
from lovhub.server.channel.connection import Connection
from lovhub.server.channel.doubles import Doubles
from lovhub.server.channel.hall import LiveHall
from lovhub.server.channel.heard import Heard
from lovhub.server.channel.live import LivePages
from lovhub.server.channel.neighbours import Neighbours
from lovhub.server.channel.newsroom import Newsroom
from lovhub.server.channel.pace import Pace
from lovhub.server.channel.pairing import Pairings
from lovhub.server.channel.presence import Presence
from lovhub.server.channel.refused import Refused
from lovhub.server.channel.telling import KeptCatalogs
from lovhub.server.channel.updating import UpdateChannel
from lovhub.server.channel.whereabouts import Whereabouts
from lovhub.server.context import ClubContext
from lovhub.server.journal import service as journal
from lovhub.server.live import LiveSnapshot, Unattended
from lovhub.server.nodes.place import Place
from lovhub.server.payments.rules import Network
from lovhub.server.payments.settings import Payments
from lovhub.server.sessions import link
from lovhub.server.sockets import short_way
from lovhub.server.strangers import is_one_too_many
from lovhub.server.watching.pools import waiting_in

log = structlog.get_logger("channel")

DATABASE_THREADS = 8
PASSWORD_THREADS = 2
"""Checking a password takes long by design: it has threads of its own, so that nothing else waits for it."""

PAYMENT_THREADS = 4
"""So many players may wait for Kaspi at once; the others wait for them, and nobody else does."""

JUDGE_SECONDS = 0.5
SILENCE_RETRY_SECONDS = 1.0
RECONNECT_SECONDS = 1
STOP_SECONDS = 5
GO_FIRST_SECONDS = 0.05
"""As long may a loop that has much to do keep a command's sender waiting."""


Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def _raise_flood(club: ClubContext, computer_id: int, kind: str) -> None:
    with club.write() as work:
        journal.raise_alarm(work, "channel_flooded", computer_id=computer_id, detail=kind)


class Hub:
    """The channel's heart. `certificate_der` is the certificate the server shows, for the identity to vouch.

    `place`: among the servers of the database; without one, this is the only one.
    """

    def __init__(
        self,
        club: ClubContext,
        certificate_der: bytes,
        payments: Payments | None = None,
        place: Place | None = None,
    ) -> None:
        self.club = club
        self.payments = payments or Payments()
        self.proxies: tuple[Network, ...] = ()
        self.statement = make_statement(club.identity, certificate_der)
        self.presence = Presence(club.clock)
        self.pace = Pace(club.clock)
        self.doubles = Doubles(club.clock)
        self.neighbours = Neighbours(self, place or Place())
        club.links.is_linked = self.neighbours.is_linked
        self.pairings = Pairings(self)
        self.hall = LiveHall(club, self.presence, self.pairings)
        self.presence.on_change = self._sight_changed
        self.presence.on_program = partial(self._sight_changed, can_wait=True)
        self.catalogs = KeptCatalogs(club)
        self.commands = Commands(self)
        self.pages = LivePages(self)
        self.updates = UpdateChannel(self)
        self.connections: dict[int, Connection] = {}
        self.whereabouts = Whereabouts()
        self.with_staff: set[Connection] = set()
        self.unknown: Counter[str] = Counter()
        self.heard = Heard()
        self.newsroom = Newsroom(self)
        self.stopping = False
        self.telling_catalog = asyncio.Lock()
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._pool = ThreadPoolExecutor(DATABASE_THREADS, thread_name_prefix="channel")
        self._password_pool = ThreadPoolExecutor(PASSWORD_THREADS, thread_name_prefix="passwords")
        self._payment_pool = ThreadPoolExecutor(PAYMENT_THREADS, thread_name_prefix="at_pc")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._stop_listening: Callable[[], None] = lambda: None

    def show_certificate(self, certificate_der: bytes) -> None:
        """From now on the server shows this certificate: the identity vouches for it."""
        self.statement = make_statement(self.club.identity, certificate_der)

    def routes(self) -> list[BaseRoute]:
        """What the channel answers beside PCs: live pages, and PCs that only speak plain HTTPS."""
        return [
            WebSocketRoute("/live", self.pages.serve),
            Route("/api/heartbeat", heartbeat.endpoint(self), methods=["POST"]),
        ]

    async def start(self) -> None:
        """Take over what the database knows, and listen."""
        self._loop = asyncio.get_running_loop()
        # What others commit while it is read is heard, and read after it.
        self._stop_listening = self.club.bus.listen(self.newsroom.hear)
        await self.newsroom.refresh(self.hall.load)
        self.spawn(self._judge_for_ever())
        self.spawn(self.pages.broadcast_for_ever())
        self.spawn(self.neighbours.work_for_ever())
        self.spawn(self.newsroom.catch_up_for_ever())

    def pairings_changed(self) -> None:
        """A PC waits here for approval, or no longer does."""
        self.hall.pairings_changed()
        self.neighbours.waiting_changed()

    def _sight_changed(self, computer_id: int, *, can_wait: bool = False) -> None:
        self.hall.changed(computer_id, can_wait=can_wait)
        self.neighbours.noticed(computer_id)

    async def stop(self) -> None:
        """Tell every PC that the server stops in an orderly way, and let go."""
        self.stopping = True
        self._stop_listening()
        linked = list(self.connections.values())
        for connection in linked:
            connection.send(Bye(reconnect_after_seconds=RECONNECT_SECONDS))
            connection.finish()
        with contextlib.suppress(TimeoutError):  # a PC that hangs must not keep the server
            await asyncio.wait_for(
                asyncio.gather(*(connection.closed.wait() for connection in linked)),
                STOP_SECONDS,
            )
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.pages.close()
        self._pool.shutdown(wait=True)
        self._password_pool.shutdown(wait=True)
        self._payment_pool.shutdown(wait=True)

    def linked_computers(self) -> Container[int]:
        """PCs whose sessions the server's clock may bill."""
        return self.presence

    def unattended(self) -> Unattended:
        """Linked PCs with neither a session nor a technician; from any thread, memory only."""
        return self.hall.unattended()

    @property
    def heartbeats(self) -> int:
        """Signs of life since the start."""
        return self.presence.heartbeats

    def live_snapshot(self) -> LiveSnapshot:
        """What the desk sees; from any thread, memory only."""
        return self.hall.snapshot()

    def waiting(self) -> dict[str, int]:
        """Work that waits for a thread, by the pool's name; from any thread."""
        pools = {
            "channel": self._pool,
            "passwords": self._password_pool,
            "payments": self._payment_pool,
        }
        return {name: waiting_in(pool) for name, pool in pools.items()}

    def drain_last_seen(self) -> dict[int, int]:
        """Signs of life not yet in the database, as {computer id: instant}; each is handed out once."""
        return self.presence.take_unflushed()

    def hand_out_again(self, computer_ids: Iterable[int]) -> None:
        """The signs of life of these PCs, as they are by then: what was handed out did not come into the database."""
        self.presence.not_flushed(computer_ids)

    def lock_of(self, computer_id: int) -> asyncio.Lock:
        """Held while a PC comes, goes or is told something."""
        return self._locks[computer_id]

    async def in_thread(
        self,
        work: Callable[Arguments, Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Run what asks the database away from the loop."""
        return await asyncio.get_running_loop().run_in_executor(
            self._pool, lambda: work(*args, **kwargs)
        )

    async def in_password_thread(
        self,
        work: Callable[Arguments, Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Run what checks a password."""
        return await asyncio.get_running_loop().run_in_executor(
            self._password_pool, lambda: work(*args, **kwargs)
        )

    async def in_payment_thread(
        self,
        work: Callable[Arguments, Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Run what waits for a provider of payments."""
        return await asyncio.get_running_loop().run_in_executor(
            self._payment_pool, lambda: work(*args, **kwargs)
        )

    def on_loop(self, call: Callable[..., object], *args: Any) -> None:
        """Have the loop call something soon; safe from any thread, also after the loop is gone."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *args)

    def let_the_loop_go_first(self) -> None:
        """Wait until the loop has done what it was just handed, if it can by then. Not from the loop itself.

        Whoever goes on computing, on an answer to the desk for example, keeps it waiting for a millisecond each time
        that it turns to something else.
        """
        if self._loop is None or self._loop.is_closed():
            return
        # A bare lock: what an event does around it would keep the loop waiting.
        went = threading.Lock()
        went.acquire()
        # After all that it was handed before has run, and after what that has begun has run once.
        self.on_loop(self._loop.call_soon, went.release)
        went.acquire(timeout=GO_FIRST_SECONDS)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run beside; whatever goes wrong is logged."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("task_failed", exc_info=task.exception())

    def in_front_of(self, others: ASGIApp) -> ASGIApp:
        """PCs come straight here, and all else goes to the others: each layer between would cost each heartbeat."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            is_computer = scope["type"] == "websocket" and scope["path"] == CHANNEL_PATH
            await (self._serve_computer if is_computer else others)(scope, receive, send)

        return app

    async def _serve_computer(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        await websocket.accept()
        connection = Connection(self, websocket, receive, send, short_way(scope))
        too_many = is_one_too_many(
            connection.address,
            from_there=self.unknown[connection.address],
            in_all=self.unknown.total(),
            most_from_there=rules.MOST_UNKNOWN_PER_ADDRESS,
            most_in_all=rules.MOST_UNKNOWN,
        )
        if self.stopping or too_many:
            connection.send(Error(code="unexpected", text="too many unknown connections"))
            connection.finish()
        elif self.neighbours.sends_away:
            connection.send(Bye(reconnect_after_seconds=RECONNECT_SECONDS))
            connection.finish()
        await connection.run()

    def keep_pace(self, computer_id: int, frame: ClientFrame) -> None:
        """Count what a known PC says; raises Refused, and tells people, when it is too much."""
        if self.pace.allows(computer_id, frame):
            return
        if self.pace.is_news(computer_id):
            kind = type(frame).__name__
            log.warning("flooded", computer_id=computer_id, kind=kind)
            self.spawn(self.in_thread(_raise_flood, self.club, computer_id, kind))
        raise Refused(Error(code="unexpected", text="too much in a minute"))

    # --- coming, going, judging -------------------------------------------------------------------

    async def closed(self, connection: Connection) -> None:
        """A known PC's connection has ended: unless a newer one took over, its session falls silent."""
        computer_id = connection.computer_id
        if computer_id is None:
            return
        async with self.lock_of(computer_id):
            if self.connections.get(computer_id) is connection:
                del self.connections[computer_id]
            connection.customer_id = None
            self.with_staff.discard(connection)
            self.updates.went(computer_id, connection)
            was_current = self.presence.unlink(
                computer_id, connection, goodbye=connection.said_goodbye
            )
            if not was_current:
                return
            self.hall.changed(computer_id)
            if self.stopping:
                return  # the next start recovers all sessions at once
            if not connection.said_goodbye:
                self.hall.losses.note()
            if await self._fell_silent(computer_id):
                return
        self.spawn(self._let_fall_silent(computer_id))

    async def _fell_silent(self, computer_id: int) -> bool:
        """Note in the database that the PC's session is no longer heard of; False if that failed."""
        try:
            await self.in_thread(
                link.link_lost,
                self.club,
                computer_id=computer_id,
                node_id=self.neighbours.node_id,
            )
        except Exception:
            log.exception("silence_not_written", computer_id=computer_id)
            return False
        return True

    async def _let_fall_silent(self, computer_id: int) -> None:
        """Try again until it is written (a full disk) or the PC is back: silent seconds are not played."""
        while True:
            await asyncio.sleep(SILENCE_RETRY_SECONDS)
            async with self.lock_of(computer_id):
                if computer_id in self.connections or await self._fell_silent(computer_id):
                    return

    async def _judge_for_ever(self) -> None:
        while True:
            await asyncio.sleep(JUDGE_SECONDS)
            try:
                self._judge()
            except Exception:  # one look that fails must not be the last
                log.exception("judging_failed")

    def _judge(self) -> None:
        for computer_id, token in self.hall.judge():
            connection = self.connections.get(computer_id)
            if connection is not None and connection is token:
                connection.send(Error(code="timeout", text="no heartbeat"))
                connection.finish()
        self.pairings.expire()
        self.commands.expire()
        staff_requests.expire(self)
        if self.neighbours.is_cut_off:
            self.neighbours.send_away()
        if self.hall.is_mass_loss() and self.neighbours.leads:
            self.spawn(self.in_thread(self.hall.raise_mass_loss))
