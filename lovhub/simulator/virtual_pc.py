"""A virtual PC with a player at it: the agent's own client, journal and session rules, without a screen.

What a real PC does by itself (link, lease, journal, report after a power cut) is the agent's code; what a
player does, and what befalls the PC, comes from the plan in `behaviour`.
"""

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

import structlog

from lovhub import __version__
from lovhub.agent.client import ChannelClient
from lovhub.agent.journal import Journal
from lovhub.agent.outbox import Outbox
from lovhub.agent.player_requests import PlayerRequests
from lovhub.agent.session_keeper import SessionKeeper
from lovhub.agent.settings import Address
from lovhub.agent.state import PcState
from lovhub.agent.store import IdentityStore, Membership
from lovhub.clock import Clock
from lovhub.protocol import PROTOCOL_VERSION, channel
from lovhub.protocol.views import AnswerCode, LockState
from lovhub.simulator import behaviour
from lovhub.simulator.behaviour import Step
from lovhub.simulator.players import Player

log = structlog.get_logger("simulator")

POLL_SECONDS = 0.25
"""How often, in real time, a PC looks at the clock."""

SHORTEST_STEP_SECONDS = 0.5
"""Real seconds between two steps of one PC, however fast the clock: so the load is bounded."""

OPERATING_SYSTEM = "Windows 11"


@dataclass(frozen=True)
class World:
    """What all PCs of a club share. `speed`: how many times faster than a person everybody lives."""

    address: Address
    clock: Clock
    speed: float
    figures: Counter[str]
    pay_in: Callable[[Player], Awaitable[bool]]
    """The player puts money on the account at the desk; False if the desk could not."""


class VirtualPc:
    """PC number `number` of the club. `store` and `journal` outlive its power cuts, like a disk."""

    def __init__(
        self,
        number: int,
        world: World,
        store: IdentityStore,
        journal: Journal,
        players: list[Player],
    ) -> None:
        self.number = number
        self.name = f"ПК-{number}"
        self.hostname = f"DESKTOP-SIM{number:03}"
        self.code = ""
        """The pairing code on its screen."""
        self._world = world
        self._clock = world.clock
        self._store = store
        self._journal = journal
        self._players = players
        self._boot_id = str(uuid.uuid4())
        self._lock_broken = False
        self._application: tuple[int, int, int] | None = None  # its id, the session, when started
        self._asked: dict[str, asyncio.Future[AnswerCode]] = {}
        self._requests = PlayerRequests()
        self._first_link = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._start_agent()

    # --- what is to be seen -----------------------------------------------------------------------

    @property
    def linked(self) -> bool:
        """Whether the server has welcomed it on the present connection."""
        return self._client.linked

    @property
    def playing(self) -> bool:
        """Whether a session runs."""
        return self._keeper.play is not None

    # --- life -------------------------------------------------------------------------------------

    async def run(self, steps: Iterator[Step]) -> None:
        """Switch on and live by the plan, until cancelled; then go off in an orderly way."""
        self._switch_on()
        try:
            await self._first_link.wait()
            await self._live(steps)
        finally:
            self._keeper.save()
            await self._client.close(channel.Goodbye(reason="stopped"))
            await self._cut()
            self._journal.close()

    async def _live(self, steps: Iterator[Step]) -> None:
        due_at = self._clock.monotonic()
        for step in steps:
            due_at += step.after_seconds / self._world.speed
            await asyncio.sleep(SHORTEST_STEP_SECONDS)
            await self._until(due_at)
            self._world.figures[f"step.{type(step.action).__name__}"] += 1
            await self._do(step.action)

    async def _until(self, moment: float) -> None:
        while self._clock.monotonic() < moment:
            await asyncio.sleep(POLL_SECONDS)

    async def _pass(self, seconds: int) -> None:
        await self._until(self._clock.monotonic() + seconds / self._world.speed)

    def _start_agent(self) -> None:
        """What a started agent knows: what is on its disk."""
        self._keeper = SessionKeeper(self._journal, self._clock, self._boot_id)
        self._keeper.recover(self._store.membership())
        self._state = PcState(server_address=str(self._world.address), computer_name=self.hostname)
        self._new_client()

    def _new_client(self) -> None:
        self._client = ChannelClient(
            self._world.address,
            self._store,
            self,
            self._clock,
            hostname=self.hostname,
            chance=random.Random(),  # noqa: S311 - spreads reconnects, guards nothing
            poll_seconds=POLL_SECONDS,
        )
        self._outbox = Outbox(self._journal, self._client.send)

    def _switch_on(self) -> None:
        self._tasks = [self._work(self._client.run()), self._work(self._keep_time())]

    def _work(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(self._look_for_failure)
        return task

    def _look_for_failure(self, task: asyncio.Task[None]) -> None:
        """A mistake of ours must be heard of: nobody awaits these tasks before the end."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._world.figures["failures"] += 1
            log.error("virtual_pc_failed", computer=self.name, exc_info=error)

    async def _cut(self) -> None:
        """Everything stops where it stands."""
        await _end(self._tasks)

    async def _keep_time(self) -> None:
        while True:
            tick = self._keeper.tick(self._state.link_lost_seconds(self._clock.monotonic()))
            if tick.stopped is not None:
                self._world.figures[f"stopped.{tick.stopped}"] += 1
                self._end_session()
                self._outbox.deliver()
            for request_id in self._requests.close_overdue():
                self._answered(request_id, "server_unreachable")
            await asyncio.sleep(POLL_SECONDS)

    # --- what happens to the PC -------------------------------------------------------------------

    async def _do(self, action: behaviour.Action) -> None:
        match action:
            case behaviour.Arrive():
                await self._arrive(self._players[action.player], mistypes=action.mistypes)
            case behaviour.Buy():
                await self._buy(action)
            case behaviour.Launch():
                self._launch(action.choice)
            case behaviour.Quit():
                self._close_application()
            case behaviour.Leave():
                await self._leave()
            case behaviour.LoseLink():
                await self._lose_link(action.seconds)
            case behaviour.LosePower():
                await self._lose_power(action.seconds)
            case behaviour.AgentKilled():
                await self._cut()
                self._start_agent()
                self._switch_on()
            case behaviour.LauncherKilled():
                await self._lose_launcher(action.seconds)
            case behaviour.SwitchOff():
                await self._switch_off(action.seconds)

    async def _lose_link(self, seconds: int) -> None:
        """Only the client goes: the session plays on by its lease."""
        client_task = self._tasks[0]
        await _end([client_task])
        await self._pass(seconds)
        self._new_client()
        self._tasks[0] = self._work(self._client.run())

    async def _lose_power(self, seconds: int) -> None:
        await self._cut()
        self._application = None
        await self._pass(seconds)
        self._boot_id = str(uuid.uuid4())
        self._start_agent()
        self._switch_on()

    async def _lose_launcher(self, seconds: int) -> None:
        self._note(
            lambda number, at: channel.AlarmRaised(
                number=number, at=at, kind="launcher_killed", detail="exit code -9"
            )
        )
        self._lock_broken = True
        self._client.beat_now()
        await self._pass(seconds)
        self._lock_broken = False
        self._client.beat_now()

    async def _switch_off(self, seconds: int) -> None:
        self._keeper.save()
        await self._client.close(channel.Goodbye(reason="shutdown"))
        await self._lose_power(seconds)

    # --- what the player does ---------------------------------------------------------------------

    async def _arrive(self, player: Player, *, mistypes: bool) -> None:
        if mistypes:
            await self._sign_in(player, password=f"{player.password}?")
        await self._sign_in(player, password=player.password)

    async def _sign_in(self, player: Player, *, password: str) -> None:
        await self._ask(
            lambda request_id: channel.SignIn(
                request_id=request_id, login=player.login, password=password
            )
        )

    async def _buy(self, wish: behaviour.Buy) -> None:
        tariffs, player = self._state.tariffs, self._player_signed_in()
        if player is None or not tariffs or (self.playing and not wish.more):
            return
        tariff = tariffs[int(wish.choice * len(tariffs))]

        def purchase(request_id: str) -> channel.BuyTariff:
            return channel.BuyTariff(request_id=request_id, tariff_id=tariff.tariff_id)

        if await self._ask(purchase) == "not_enough_money" and await self._world.pay_in(player):
            await self._ask(purchase)

    def _player_signed_in(self) -> Player | None:
        customer = self._state.customer
        return next(
            (
                player
                for player in self._players
                if customer is not None and player.customer_id == customer.customer_id
            ),
            None,
        )

    async def _leave(self) -> None:
        self._close_application()
        if self._state.customer is not None or self._keeper.session_id is not None:
            await self._ask(
                lambda request_id: channel.SignOut(
                    request_id=request_id, played_seconds=self._keeper.played_seconds
                )
            )

    async def _ask(
        self, make: Callable[[str], channel.SignIn | channel.BuyTariff | channel.SignOut]
    ) -> AnswerCode:
        """Ask the server and wait for the one answer."""
        request_id = str(uuid.uuid4())
        frame = make(request_id)
        answer: asyncio.Future[AnswerCode] = asyncio.get_running_loop().create_future()
        self._asked[request_id] = answer
        if self._client.send(frame):
            self._requests.open(request_id)
        else:
            self._answered(request_id, "server_unreachable")
        code = await answer
        self._world.figures[f"{type(frame).__name__}.{code}"] += 1
        return code

    def _answered(self, request_id: str, code: AnswerCode) -> None:
        answer = self._asked.pop(request_id, None)
        if answer is not None and not answer.done():
            answer.set_result(code)

    def _launch(self, choice: float) -> None:
        applications = self._state.applications
        session_id = self._keeper.session_id
        if not self.playing or session_id is None or not applications:
            return
        application_id = applications[int(choice * len(applications))].application_id
        self._application = (application_id, session_id, self._keeper.server_now())
        self._note(
            lambda number, at: channel.ApplicationStarted(
                number=number, at=at, application_id=application_id, session_id=session_id
            )
        )
        self._client.beat_now()

    def _close_application(self) -> None:
        if self._application is None:
            return
        application_id, session_id, started_at = self._application
        self._application = None
        self._note(
            lambda number, at: channel.ApplicationExited(
                number=number,
                at=at,
                application_id=application_id,
                session_id=session_id,
                ran_seconds=max(0, at - started_at),
            )
        )
        self._client.beat_now()

    def _end_session(self) -> None:
        self._state.customer = None
        self._close_application()
        self._client.beat_now()

    def _note(self, make: Callable[[int, int], channel.Entry]) -> None:
        """Write a fact down for the server; `make` is given number and server time."""
        at = self._keeper.server_now()
        self._journal.append(lambda number: make(number, at))
        self._outbox.deliver()

    def _lock(self) -> LockState:
        if self._lock_broken:
            return "broken"
        return "unlocked" if self.playing else "locked"

    # --- ChannelHandler ---------------------------------------------------------------------------

    def hello(self, membership: Membership) -> channel.Hello:
        """See ChannelHandler."""
        return channel.Hello(
            protocol=PROTOCOL_VERSION,
            agent_version=__version__,
            computer_id=membership.computer_id,
            token=membership.token,
            boot_id=self._boot_id,
            hostname=self.hostname,
            operating_system=OPERATING_SYSTEM,
            journal_id=self._journal.journal_id,
            lock=self._lock(),
            session=self._keeper.report(),
        )

    def heartbeat(self, seq: int) -> channel.Heartbeat:
        """See ChannelHandler."""
        self._outbox.beat()
        self._world.figures["heartbeats"] += 1
        return channel.Heartbeat(
            seq=seq,
            lock=self._lock(),
            session_id=self._keeper.session_id,
            played_seconds=self._keeper.played_seconds,
            application_id=self._application[0] if self._application else None,
        )

    def link_lost(self) -> None:
        """See ChannelHandler."""
        self._world.figures["links lost"] += 1
        self._state.linked = False
        self._state.link_lost_at = self._clock.monotonic()
        for request_id in self._requests.close_all():
            self._answered(request_id, "server_unreachable")

    def pairing_code(self, code: str) -> None:
        """See ChannelHandler."""
        self.code = code

    def false_server(self, detail: str) -> None:
        """See ChannelHandler."""
        self._world.figures["false server"] += 1
        log.error("false_server", computer=self.name, detail=detail)

    def unknown_computer(self) -> None:
        """See ChannelHandler."""
        if self._keeper.end():
            self._end_session()
        self._state.customer = None

    def server_frame(self, frame: channel.ServerFrame) -> None:
        """See ChannelHandler."""
        match frame:
            case channel.Welcome():
                self._welcomed(frame)
            case channel.JournalAck():
                self._outbox.acknowledged()
                self._keeper.acknowledged(frame.number)
            case channel.Answer():
                if self._requests.close(frame.request_id):
                    self._answered(frame.request_id, frame.code)
            case channel.CustomerChanged():
                self._state.customer = frame.customer
            case channel.SessionChanged():
                membership = self._store.membership()
                if membership is not None and self._keeper.apply(
                    frame.session, frame.lease, membership
                ):
                    self._client.beat_now()
            case channel.SessionEnded():
                if self._keeper.end(frame.session_id):
                    self._world.figures[f"ended.{frame.reason}"] += 1
                    self._end_session()
            case channel.Catalog():
                self._state.tariffs = frame.tariffs
                self._state.applications = frame.applications
            case channel.NameChanged():
                self._state.computer_name = frame.computer_name
            case channel.Command():
                self._command(frame)
            case _:
                log.warning("unexpected_frame", computer=self.name, type=type(frame).__name__)

    def _welcomed(self, welcome: channel.Welcome) -> None:
        self._world.figures["welcomes"] += 1
        self._state.linked = True
        self._state.link_lost_at = None
        self._keeper.server_told(welcome.server_time)
        self._keeper.acknowledged(welcome.journal_number)
        membership = self._store.membership()
        if welcome.session is None or membership is None:
            if self._keeper.end():
                self._end_session()
        else:
            self._keeper.apply(welcome.session, welcome.lease, membership)
        self._state.customer = welcome.customer
        self._outbox.restart()
        self._first_link.set()

    def _command(self, command: channel.Command) -> None:
        first_time = command.ttl_seconds > 0 and self._journal.first_time(command.command_id)
        if first_time and command.kind == "sign_out":
            self._client.send(
                channel.SignOut(
                    request_id=command.command_id, played_seconds=self._keeper.played_seconds
                )
            )
        self._client.send(
            channel.CommandResult(command_id=command.command_id, ok=command.ttl_seconds > 0)
        )


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
