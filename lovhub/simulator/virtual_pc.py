"""A virtual PC: the agent's own client, journal and session rules, without a screen.

What a real PC does by itself (link, lease, journal, report after a power cut) is the agent's code. What a
player does with it, and what befalls it, is asked for by `evening`.
"""

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from lovhub import __version__
from lovhub.agent.client import ChannelClient
from lovhub.agent.journal import Journal
from lovhub.agent.maintenance import Upkeep
from lovhub.agent.outbox import Outbox
from lovhub.agent.player_requests import PlayerRequests
from lovhub.agent.search import ServerFound
from lovhub.agent.session_keeper import SessionKeeper
from lovhub.agent.settings import Address
from lovhub.agent.state import PcState
from lovhub.agent.store import IdentityStore, Membership
from lovhub.agent.whereabouts import Whereabouts
from lovhub.clock import Clock
from lovhub.protocol import PROTOCOL_VERSION, channel, questions
from lovhub.protocol.lease import SignedLease
from lovhub.protocol.views import AnswerCode, CallReason, LockState, MaintenanceView
from lovhub.simulator.contents import LIBRARY
from lovhub.simulator.hardware import hardware_of
from lovhub.simulator.screen import screen_of

log = structlog.get_logger("simulator")

POLL_SECONDS = 0.25
"""How often, in real time, a PC looks at the clock."""

OPERATING_SYSTEM = "Windows 11"

RESTART_SECONDS = 5.0
"""How long a virtual PC is gone when it restarts."""

COMMANDS = ("lock", "unlock", "volume", "start", "restart", "screenshot", "wake", "find_games")
"""What a PC without a screen and without a switch can make believe."""

Question = questions.SignIn | questions.BuyTariff | questions.SignOut | questions.CallDesk


@dataclass(frozen=True)
class Place:
    """Where a virtual PC stands. `figures` counts what happens in the whole hall."""

    address: Address
    clock: Clock
    figures: Counter[str]


class VirtualPc:
    """PC number `number` of the club. `store` and `journal` outlive its power cuts, like a disk."""

    def __init__(self, number: int, place: Place, store: IdentityStore, journal: Journal) -> None:
        self.number = number
        self.name = f"ПК-{number}"
        self.code = ""
        """The pairing code on its screen."""
        self.welcomed = asyncio.Event()
        """Set once the server has welcomed it."""
        self._hostname = f"DESKTOP-SIM{number:03}"
        self._place = place
        self._store = store
        self._journal = journal
        self._lock_broken = False
        self._held = False
        self._errand: asyncio.Task[None] | None = None
        self._application: tuple[int, int, int] | None = None  # its id, the session, when started
        self._asked: dict[str, asyncio.Future[AnswerCode]] = {}
        self._requests = PlayerRequests()
        self._tasks: list[asyncio.Task[None]] = []
        self._on = False
        self._boot()

    # --- on and off -------------------------------------------------------------------------------

    def switch_on(self) -> None:
        """Begin to work."""
        self._on = True
        self._tasks = [self._work(self._client.run()), self._work(self._keep_time())]

    async def cut(self) -> None:
        """Everything stops where it stands; what was not on disk is lost."""
        self._on = False
        await _end(self._tasks)

    def start_agent_anew(self) -> None:
        """Within the same boot."""
        self._start_agent()
        self.switch_on()

    def boot_anew(self) -> None:
        """After a power cut, or after it was switched off; a PC that is on stays so."""
        if self._on:
            return
        self._application = None
        self._boot()
        self.switch_on()

    async def go_off(self, goodbye: channel.Goodbye) -> None:
        """In an orderly way; a PC without power has nothing to say or to save."""
        if self._on:
            self._keeper.save()
            await self._client.close(goodbye)
            await self.cut()

    def close(self) -> None:
        """Let go of the disk."""
        self._journal.close()

    async def pull_cable(self) -> None:
        """Only the link goes: the session plays on by its lease."""
        await _end(self._tasks[:1])

    def plug_cable(self) -> None:
        """The link may come back."""
        self._new_client()
        self._tasks[0] = self._work(self._client.run())

    def break_lock(self) -> None:
        """Somebody ends the launcher."""
        self._outbox.alarm("launcher_killed", "exit code -9")
        self._lock_broken = True
        self._client.beat_now()

    def mend_lock(self) -> None:
        """The launcher is back."""
        self._lock_broken = False
        self._client.beat_now()

    def _boot(self) -> None:
        self._boot_id = str(uuid.uuid4())
        self._start_agent()

    def _start_agent(self) -> None:
        """What a started agent knows: what is on its disk."""
        self._keeper = SessionKeeper(self._journal, self._place.clock, self._boot_id)
        self._keeper.recover(self._store.membership())
        self._upkeep = Upkeep()
        self.state = PcState(computer_name=self._hostname)
        self._new_client()

    def _new_client(self) -> None:
        self._client = ChannelClient(
            Whereabouts([self._place.address]),
            self._store,
            self,
            self._place.clock,
            hostname=self._hostname,
            chance=random.Random(),  # noqa: S311 - spreads reconnects, guards nothing
            poll_seconds=POLL_SECONDS,
        )
        self._outbox = Outbox(self._journal, self._client.send, self._keeper.server_now, tuple)

    def _work(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(self._look_for_failure)
        return task

    def _look_for_failure(self, task: asyncio.Task[None]) -> None:
        """A mistake of ours must be heard of: nobody awaits these tasks before the end."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._place.figures["failures"] += 1
            log.error("virtual_pc_failed", computer=self.name, exc_info=error)

    async def _keep_time(self) -> None:
        while True:
            link_lost_seconds = self.state.link_lost_seconds(self._place.clock.monotonic())
            tick = self._keeper.tick(link_lost_seconds)
            if tick.stopped is not None:
                self._place.figures[f"stopped.{tick.stopped}"] += 1
                self._end_session()
                self._outbox.deliver()
            for request_id in self._requests.close_overdue():
                self._answered(request_id, "server_unreachable")
            await asyncio.sleep(POLL_SECONDS)

    # --- what a player does -----------------------------------------------------------------------

    @property
    def playing(self) -> bool:
        """Whether a session runs."""
        return self._keeper.play is not None

    async def sign_in(self, login: str, password: str) -> AnswerCode:
        """Type login and password."""
        return await self._ask(
            lambda request_id: questions.SignIn(
                request_id=request_id, login=login, password=password
            )
        )

    async def buy(self, tariff_id: int) -> AnswerCode:
        """Buy time; a purchase of its own each time."""
        return await self._ask(
            lambda request_id: questions.BuyTariff(request_id=request_id, tariff_id=tariff_id)
        )

    async def sign_out(self) -> None:
        """Leave, if anybody is there."""
        self.close_application()
        if self.state.customer is not None or self._keeper.session_id is not None:
            await self._ask(self._sign_out_frame)

    async def call_desk(self, reason: CallReason, text: str) -> AnswerCode:
        """Press the bell."""
        return await self._ask(
            lambda request_id: questions.CallDesk(request_id=request_id, reason=reason, text=text)
        )

    def launch(self, application_id: int) -> None:
        """Start a program, as far as the club can see."""
        session_id = self._keeper.session_id
        if not self.playing or session_id is None:
            return
        self.close_application()
        self._application = (application_id, session_id, self._keeper.server_now())
        self._outbox.application_started(application_id, session_id)
        self._client.beat_now()

    def close_application(self) -> None:
        """End the program that runs, if any."""
        if self._application is None:
            return
        application_id, session_id, started_at = self._application
        self._application = None
        ran_seconds = max(0, self._keeper.server_now() - started_at)
        self._outbox.application_exited(application_id, session_id, ran_seconds)
        self._client.beat_now()

    async def _ask(self, make: Callable[[str], Question]) -> AnswerCode:
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
        self._place.figures[f"{type(frame).__name__}.{code}"] += 1
        return code

    def _answered(self, request_id: str, code: AnswerCode) -> None:
        answer = self._asked.pop(request_id, None)
        if answer is not None and not answer.done():
            answer.set_result(code)

    def _sign_out_frame(self, request_id: str) -> questions.SignOut:
        return questions.SignOut(request_id=request_id, played_seconds=self._keeper.played_seconds)

    def _end_session(self) -> None:
        self.state.customer = None
        self._held = False
        self.close_application()
        self._client.beat_now()

    def _lock(self) -> LockState:
        if self._lock_broken:
            return "broken"
        open_now = (self.playing and not self._held) or self._upkeep.now(
            self._place.clock.monotonic()
        ) is not None
        return "unlocked" if open_now else "locked"

    # --- ChannelHandler ---------------------------------------------------------------------------

    def looking(self, address: Address | None, to_choose: Sequence[ServerFound]) -> None:
        """See ChannelHandler."""

    def hello(self, membership: Membership) -> channel.Hello:
        """See ChannelHandler."""
        return channel.Hello(
            protocol=PROTOCOL_VERSION,
            agent_version=__version__,
            computer_id=membership.computer_id,
            token=membership.token,
            boot_id=self._boot_id,
            hostname=self._hostname,
            operating_system=OPERATING_SYSTEM,
            journal_id=self._journal.journal_id,
            lock=self._lock(),
            session=self._keeper.report(),
            commands=COMMANDS,
        )

    def heartbeat(self, seq: int) -> channel.Heartbeat:
        """See ChannelHandler."""
        self._outbox.beat()
        self._place.figures["heartbeats"] += 1
        return channel.Heartbeat(
            seq=seq,
            lock=self._lock(),
            session_id=self._keeper.session_id,
            played_seconds=self._keeper.played_seconds,
            application_id=self._application[0] if self._application else None,
        )

    def link_lost(self) -> None:
        """See ChannelHandler."""
        self._place.figures["links lost"] += 1
        self.state.linked = False
        self.state.link_lost_at = self._place.clock.monotonic()
        for request_id in self._requests.close_all():
            self._answered(request_id, "server_unreachable")

    def pairing_code(self, code: str) -> None:
        """See ChannelHandler."""
        self.code = code

    def false_server(self, detail: str) -> None:
        """See ChannelHandler."""
        self._place.figures["false server"] += 1
        log.error("false_server", computer=self.name, detail=detail)

    def unknown_computer(self) -> None:
        """See ChannelHandler."""
        if self._keeper.end():
            self._end_session()
        self.state.customer = None

    def server_frame(self, frame: channel.ServerFrame) -> None:  # noqa: C901, PLR0912 - a flat table
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
                self.state.customer = frame.customer
            case channel.SessionChanged():
                self._session_changed(frame)
            case channel.SessionEnded():
                if self._keeper.end(frame.session_id):
                    self._place.figures[f"ended.{frame.reason}"] += 1
                    self._end_session()
            case channel.MaintenanceChanged():
                self._maintain(frame.maintenance, frame.lease)
            case channel.Catalog():
                self.state.tariffs = frame.tariffs
                self.state.applications = frame.applications
            case channel.NameChanged():
                self.state.computer_name = frame.computer_name
            case channel.CallChanged():
                self.state.call = frame.call
            case channel.Command():
                self._command(frame)
            case _:
                log.warning("unexpected_frame", computer=self.name, type=type(frame).__name__)

    def _welcomed(self, welcome: channel.Welcome) -> None:
        self._place.figures["welcomes"] += 1
        self.state.linked = True
        self.state.link_lost_at = None
        self.state.computer_name = welcome.computer_name
        self._keeper.server_told(welcome.server_time)
        self._journal.forget_old_sessions(welcome.server_time)
        self._keeper.acknowledged(welcome.journal_number)
        membership = self._store.membership()
        if welcome.session is None or membership is None:
            if self._keeper.end():
                self._end_session()
        else:
            self._keeper.apply(welcome.session, welcome.lease, membership)
        self._maintain(welcome.maintenance, welcome.maintenance_lease)
        self.state.customer = welcome.customer
        self.state.call = welcome.call
        self._outbox.restart()
        self._client.send(hardware_of(self.number))
        self.welcomed.set()

    def _maintain(self, view: MaintenanceView | None, signed: SignedLease | None) -> None:
        membership = self._store.membership()
        if membership is not None:
            self._upkeep.apply(view, signed, membership, self._keeper.server_time)
            self._client.beat_now()

    def _session_changed(self, frame: channel.SessionChanged) -> None:
        membership = self._store.membership()
        if membership is not None and self._keeper.apply(frame.session, frame.lease, membership):
            self._client.beat_now()

    def _command(self, command: channel.Command) -> None:
        """Carry it out at most once; there is no screen to show a message on."""
        in_time = command.ttl_seconds > 0
        first_time = in_time and self._journal.first_time(command.command_id)
        picture = b""
        if first_time and command.kind == "sign_out":
            self._client.send(self._sign_out_frame(command.command_id))
        elif first_time and command.kind in {"lock", "unlock"}:
            self._held = command.kind == "lock"
            self._client.beat_now()
        elif first_time and command.kind == "start":
            self.launch(command.application_id)
        elif first_time and command.kind == "screenshot":
            picture = screen_of(self.name)
        looks = first_time and command.kind == "find_games"
        self._client.send(
            channel.CommandResult(
                command_id=command.command_id,
                ok=in_time,
                picture=picture,
                stores=("steam", "epic") if looks else (),
                games=LIBRARY if looks else (),
            )
        )
        if first_time and command.kind == "restart":
            self._errand = self._work(self._restart())

    async def _restart(self) -> None:
        await self.go_off(channel.Goodbye(reason="restart"))
        await asyncio.sleep(RESTART_SECONDS)
        self.boot_anew()


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
