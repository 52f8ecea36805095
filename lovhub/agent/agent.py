"""The agent: ties channel, session, launcher, programs and journal together."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Literal

import structlog

from lovhub import __version__
from lovhub.agent import hardware
from lovhub.agent.applications import Applications
from lovhub.agent.cached_sign_ins import CachedSignIns
from lovhub.agent.client import ChannelClient
from lovhub.agent.commands import KINDS, Commands
from lovhub.agent.desk_hands import DeskHands
from lovhub.agent.guard import Guard, GuardAlarm
from lovhub.agent.journal import Journal
from lovhub.agent.launcher_messages import LauncherMessages
from lovhub.agent.local_server import LocalServer
from lovhub.agent.machine import Machine
from lovhub.agent.maintenance import Upkeep
from lovhub.agent.outbox import AlarmKind, Outbox
from lovhub.agent.platform import hostname, operating_system
from lovhub.agent.player_requests import PlayerRequests
from lovhub.agent.screen import Screen
from lovhub.agent.search import ServerFound
from lovhub.agent.seat import Seat
from lovhub.agent.server_frames import ServerFrames
from lovhub.agent.session_keeper import SessionKeeper
from lovhub.agent.settings import Address
from lovhub.agent.state import PcState
from lovhub.agent.stay import Stay
from lovhub.agent.store import IdentityStore, Membership
from lovhub.agent.traces import Traces
from lovhub.agent.updates import Updates
from lovhub.agent.upkeep_codes import UpkeepCodes
from lovhub.agent.versions import Versions
from lovhub.agent.whereabouts import Whereabouts
from lovhub.clock import Clock, SystemClock
from lovhub.protocol import PROTOCOL_VERSION, channel, local
from lovhub.protocol.views import LockState, ServerView

log = structlog.get_logger("agent")

TICK_SECONDS = 0.1
LAUNCHER_FIRST_SECONDS = 5.0
"""The server hears of this PC once the launcher covers the screen, or after this time without that."""


class Agent:
    """One PC. `launcher` is the command that starts the launcher, None for a PC without one.

    `whereabouts`: where it looks for its server.
    `name` is what the PC introduces itself by, if not its hostname.
    `announce` shows the pairing code to whoever stands at the terminal.
    `seat`: who sits there, and how things are done with their rights.
    `bulk_token`: with which the PC was installed; `forget_token` is called when it is of no more use.
    `memory_lasts`: key and journal are still there after a restart (`lasting.py`).
    `is_guarded`: it runs with rights that the player has not.
    `trouble`: what is wrong with its settings.
    `versions`: where others of the program lie, if there is a starter that starts them (`updates.py`).
    """

    def __init__(  # noqa: PLR0913 - this is where everything comes together
        self,
        *,
        whereabouts: Whereabouts,
        data_folder: Path,
        endpoint: str,
        store: IdentityStore,
        journal: Journal,
        clock: Clock,
        boot_id: str,
        launcher: Sequence[str] | None,
        machine: Machine,
        seat: Seat,
        announce: Callable[[str], None],
        name: str = "",
        memory_lasts: bool = True,
        is_guarded: bool = True,
        bulk_token: str = "",
        forget_token: Callable[[], None] = lambda: None,
        versions: Versions | None = None,
        trouble: local.Trouble | None = None,
    ) -> None:
        self._machine = machine
        self._store = store
        self._memory_lasts = memory_lasts
        self._is_guarded = is_guarded
        self._hostname = name or hostname()
        self._journal = journal
        self._clock = clock
        self._boot_id = boot_id
        self._announce = announce
        self.state = PcState(
            computer_name=name or hostname(),
            server_address=str(whereabouts.address or ""),
            trouble=trouble,
        )
        self._keeper = SessionKeeper(journal, clock, boot_id)
        self._client = ChannelClient(
            whereabouts,
            store,
            self,
            clock,
            hostname=name or hostname(),
            mac_of=hardware.mac_of,
            bulk_token=bulk_token,
            forget_token=forget_token,
        )
        self._outbox = Outbox(
            journal, self._client.send, self._keeper.server_now, lambda: self.state.knows
        )
        self._upkeep = Upkeep()
        self._codes = UpkeepCodes(
            journal,
            store,
            clock,
            server_now=self._keeper.server_now,
            is_time_known=lambda: self._keeper.is_time_known,
            alarm=self._outbox.alarm,
        )
        self._cached = CachedSignIns(
            self.state,
            self._keeper,
            store,
            journal,
            clock,
            data_folder,
            is_safe=is_guarded and memory_lasts,
            run=self._run,
        )
        self._requests = PlayerRequests()
        self._seat = seat
        self._applications = Applications(self, clock, data_folder, seat)
        self._traces = Traces(data_folder, seat)
        self._stay = Stay(
            self.state,
            self._keeper,
            self._client,
            self._applications,
            clock,
            self._traces,
            run=self._run,
            publish=self._publish,
        )
        self._hands = DeskHands(
            self.state,
            self._keeper,
            self._client,
            self._applications,
            self._outbox,
            self._stay,
            publish=self._publish,
        )
        self._local_server = LocalServer(endpoint, self, seat)
        self._screen = Screen(
            self.state,
            self._keeper,
            self._applications,
            self._upkeep,
            self._codes,
            self._stay,
            self._cached,
            clock,
            self._local_server,
        )
        self._commands = Commands(
            journal,
            machine,
            self._hands,
            send=self._client.send,
            tell=self._local_server.send,
            run=self._run,
            server_now=self._keeper.server_now,
        )
        self._guard = (
            Guard(self._local_server, self, data_folder, launcher, seat, SystemClock())
            if launcher
            else None
        )
        self._updates = Updates(
            versions,
            send=self._client.send,
            run=self._run,
            identity_key=store.pinned_identity_key,
            is_idle=self.is_idle,
            leave=self.make_way,
        )
        self._frames = ServerFrames(
            self.state,
            store,
            journal,
            keeper=self._keeper,
            client=self._client,
            outbox=self._outbox,
            upkeep=self._upkeep,
            cached=self._cached,
            stay=self._stay,
            traces=self._traces,
            requests=self._requests,
            commands=self._commands,
            updates=self._updates,
            local_server=self._local_server,
            screen=self._screen,
        )
        self._messages = LauncherMessages(
            self.state,
            clock,
            keeper=self._keeper,
            client=self._client,
            outbox=self._outbox,
            upkeep=self._upkeep,
            codes=self._codes,
            cached=self._cached,
            stay=self._stay,
            hands=self._hands,
            requests=self._requests,
            commands=self._commands,
            screen=self._screen,
            run=self._run,
            publish=self._publish,
        )
        self.makes_way = False
        """It has ended so that another agent runs in its place."""
        self._launcher_seen = asyncio.Event()
        self._stop = asyncio.Event()
        self._errands: set[asyncio.Task[None]] = set()
        self._hardware: channel.Hardware | None = None

    # --- life -------------------------------------------------------------------------------------

    def stop(self) -> None:
        """End `run` in an orderly way."""
        self._stop.set()

    def make_way(self) -> None:
        """End `run`; the launcher covers the screen until the next agent ends it."""
        self.makes_way = True
        self._stop.set()

    def is_idle(self) -> bool:
        """Whether nobody is at this PC, and nobody has left anything open."""
        state = self.state
        is_taken = self._keeper.session_id is not None or self._stay.games_kept
        is_opened = self._upkeep.now(self._clock.monotonic()) is not None
        return not (is_taken or is_opened or state.customer or state.staff)

    async def run(self) -> None:
        """Work until `stop`; raises OSError if the launcher cannot be given a place to attach."""
        await self._local_server.start()
        self._stay_awake()
        self._keeper.recover(self._store.membership())
        self._applications.adopt()
        self._run(self._look_at_hardware())
        if self._keeper.session_id is None:
            self._stay.leave_nothing()
        tasks = [asyncio.create_task(self._keep_time()), asyncio.create_task(self._keep_link())]
        if self._guard is not None:
            tasks.append(asyncio.create_task(self._guard.run()))
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._keeper.save()
            reason: Literal["restart", "stopped"] = "restart" if self.makes_way else "stopped"
            await self._client.close(channel.Goodbye(reason=reason))
            if self._guard is not None and self.makes_way:
                self._guard.leave()
            else:
                self._local_server.send(local.Quit())
                if self._guard is not None:
                    await self._guard.stop()
            for task in [*tasks, stopping, *self._errands]:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            await self._local_server.stop()
        for result in results:
            if isinstance(result, Exception):
                raise result

    def _stay_awake(self) -> None:
        """A PC that sleeps is gone for the desk, and cannot be told from one that is switched off."""
        try:
            self._machine.stay_awake()
        except OSError as error:
            log.warning("may_fall_asleep", reason=str(error))

    async def _look_at_hardware(self) -> None:
        """Once a start, and again when somebody has signed in, without whom no screen is to be seen."""
        self._hardware = await asyncio.to_thread(hardware.read, self._seat)
        self._client.send(self._hardware)

    async def _keep_link(self) -> None:
        if self._guard is not None:
            with_patience = asyncio.wait_for(self._launcher_seen.wait(), LAUNCHER_FIRST_SECONDS)
            await asyncio.gather(with_patience, return_exceptions=True)
        await self._client.run()

    async def _keep_time(self) -> None:
        while True:
            try:
                self._tick()
            except Exception:  # a mistake of ours must not stop the time, or the PC would stay open
                log.exception("tick_failed")
            await asyncio.sleep(TICK_SECONDS)

    def _tick(self) -> None:
        link_lost_seconds = self.state.link_lost_seconds(self._clock.monotonic())
        tick = self._keeper.tick(link_lost_seconds)
        if tick.stopped is not None:
            self._stay.end_session(tick.why or tick.stopped)
            self._cached.fit()
            self._outbox.deliver()
        if tick.warning_minutes is not None:
            self._local_server.send(local.Warn(tick.warning_minutes, tick.why))
        for request_id in self._requests.close_overdue():
            self._screen.answer(request_id, "server_unreachable")
        self._screen.show_seconds()
        if self._stay.grace_left() == 0:
            self._stay.close_kept_games()
        self._updates.look(is_linked=self.state.linked, lock=self._lock())
        self._publish()

    # --- what is shown ----------------------------------------------------------------------------

    def _publish(self) -> None:
        """Show the launcher what has changed; while it must cover the screen, the guard sees to it."""
        shown = self._screen.show()
        if self._guard is not None:
            self._guard.must_cover(shown.mode not in local.OPEN_MODES)

    def _run(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    def alarm(self, kind: AlarmKind, detail: str) -> None:
        """Raise an alarm at the desk; it waits in the journal if there is no link."""
        self._outbox.alarm(kind, detail)

    # --- ChannelHandler ---------------------------------------------------------------------------

    def looking(self, address: Address | None, to_choose: Sequence[ServerFound]) -> None:
        """See ChannelHandler."""
        self.state.server_address = "" if address is None else str(address)
        self.state.servers = tuple(
            ServerView(club_name=server.club, address=str(server.addresses[0]))
            for server in to_choose
        )
        self._publish()

    def hello(self, membership: Membership) -> channel.Hello:
        """See ChannelHandler."""
        return channel.Hello(
            protocol=PROTOCOL_VERSION,
            agent_version=__version__,
            computer_id=membership.computer_id,
            token=membership.token,
            boot_id=self._boot_id,
            hostname=self._hostname,
            operating_system=operating_system(),
            journal_id=self._journal.journal_id,
            lock=self._lock(),
            session=self._keeper.report(),
            keeps_games=True,
            commands=KINDS,
            memory_lasts=self._memory_lasts,
            takes_updates=self._updates.are_taken,
            is_guarded=self._is_guarded,
            takes_codes=self._is_guarded,  # else the player could read the keys, and make codes in another's name
        )

    def heartbeat(self, seq: int) -> channel.Heartbeat:
        """See ChannelHandler."""
        self._outbox.beat()
        running_ids = self._applications.running_ids
        return channel.Heartbeat(
            seq=seq,
            lock=self._lock(),
            session_id=self._keeper.session_id,
            played_seconds=self._keeper.played_seconds,
            application_id=running_ids[-1] if running_ids else None,
        )

    def _lock(self) -> LockState:
        if self._guard is not None:
            return self._guard.lock
        upkeep = self._upkeep.now(self._clock.monotonic())
        return "locked" if self._keeper.play is None and upkeep is None else "unlocked"

    def link_lost(self) -> None:
        """See ChannelHandler."""
        self.state.linked = False
        self.state.link_lost_at = self._clock.monotonic()
        self.state.staff = None
        self._updates.link_lost()
        self._cached.link_lost()
        for request_id in self._requests.close_all():
            self._screen.answer(request_id, "server_unreachable")
        self._publish()

    def pairing_code(self, code: str) -> None:
        """See ChannelHandler."""
        self.state.pairing_code = code
        self.state.takes_name = self._client.wish.is_taken
        if code:
            self._announce(code)
        self._publish()

    def false_server(self, detail: str) -> None:
        """See ChannelHandler."""
        if not self._outbox.false_server_told:
            self._outbox.false_server_told = True
            self._outbox.alarm("false_server", detail)

    def unknown_computer(self) -> None:
        """See ChannelHandler."""
        self._frames.unknown_computer()
        self._cached.fit()
        self._publish()

    def server_frame(self, frame: channel.ServerFrame) -> None:
        """See ChannelHandler."""
        self._frames.take(frame)
        self._cached.fit()
        if isinstance(frame, channel.Welcome) and self._hardware is not None:
            self._client.send(self._hardware)
        self._publish()

    # --- LauncherHandler --------------------------------------------------------------------------

    def launcher_attached(self) -> None:
        """See LauncherHandler."""
        if self._guard is not None:
            self._guard.attached()
        self._screen.forget()
        self._tick()
        if self._keeper.session_id is None and not self._stay.games_kept:
            self._stay.leave_nothing()  # what a power cut has left can only be cleared away once its owner is back
        if self._hardware is not None and not self._hardware.screens:
            self._run(self._look_at_hardware())

    def launcher_message(self, message: local.LauncherMessage) -> None:
        """See LauncherHandler."""
        if isinstance(message, local.Alive):
            if self._guard is not None:
                self._guard.alive(covering=message.covering)
            if self._lock() != "broken":
                self._launcher_seen.set()
        else:
            self._messages.take(message)

    # --- GuardHandler, ApplicationHandler ---------------------------------------------------------

    def guard_alarm(self, kind: GuardAlarm, detail: str) -> None:
        """See GuardHandler."""
        self._outbox.alarm(kind, detail)

    def lock_changed(self) -> None:
        """See GuardHandler."""
        self._client.beat_now()

    def launcher_stalled(self, times: int, longest_seconds: int) -> None:
        """See GuardHandler."""
        self._outbox.launcher_stalled(times, longest_seconds)

    def application_exited(self, application_id: int, session_id: int, ran_seconds: int) -> None:
        """See ApplicationHandler."""
        self._outbox.application_exited(application_id, session_id, ran_seconds)
        self._client.beat_now()
        self._publish()
