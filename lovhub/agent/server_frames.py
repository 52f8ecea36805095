"""What the server says to this PC, and what becomes of it here."""

from typing import cast, get_args
from uuid import uuid4

import structlog

from lovhub.agent.cached_sign_ins import CachedSignIns
from lovhub.agent.client import ChannelClient
from lovhub.agent.commands import Commands
from lovhub.agent.journal import Journal
from lovhub.agent.local_server import LocalServer
from lovhub.agent.maintenance import Upkeep
from lovhub.agent.outbox import Outbox
from lovhub.agent.player_requests import PlayerRequests
from lovhub.agent.screen import Screen
from lovhub.agent.session_keeper import SessionKeeper
from lovhub.agent.state import PcState
from lovhub.agent.stay import Stay
from lovhub.agent.store import IdentityStore
from lovhub.agent.traces import Traces
from lovhub.agent.updates import Updates
from lovhub.protocol import channel, local, questions, updates
from lovhub.protocol.lease import SignedLease
from lovhub.protocol.views import AnswerCode, MaintenanceView

log = structlog.get_logger("agent")


class ServerFrames:
    """One method for what needs more than a line; whoever passes a frame on shows the launcher the state after it."""

    def __init__(  # noqa: PLR0913 - the server's word reaches every part of the PC
        self,
        state: PcState,
        store: IdentityStore,
        journal: Journal,
        *,
        keeper: SessionKeeper,
        client: ChannelClient,
        outbox: Outbox,
        upkeep: Upkeep,
        cached: CachedSignIns,
        stay: Stay,
        traces: Traces,
        requests: PlayerRequests,
        commands: Commands,
        updates: Updates,
        local_server: LocalServer,
        screen: Screen,
    ) -> None:
        self._state = state
        self._store = store
        self._journal = journal
        self._keeper = keeper
        self._client = client
        self._outbox = outbox
        self._upkeep = upkeep
        self._cached = cached
        self._stay = stay
        self._traces = traces
        self._requests = requests
        self._commands = commands
        self._updates = updates
        self._local_server = local_server
        self._screen = screen

    def take(self, frame: channel.ServerFrame) -> None:  # noqa: C901, PLR0912 - a flat table
        """Do what it says."""
        match frame:
            case channel.Welcome():
                self._welcomed(frame)
            case channel.JournalAck():
                self._outbox.acknowledged()
                self._keeper.acknowledged(frame.number)
            case channel.Answer():
                self._answered(frame)
            case channel.Operations():
                self._local_server.send(
                    local.Operations(frame.request_id, rows=frame.rows, next=frame.next)
                )
            case channel.CustomerChanged():
                self._stay.customer_changed(frame.customer)
            case channel.StaffChanged():
                self._state.staff = frame.staff
            case channel.SessionChanged():
                self._session_changed(frame)
            case channel.SessionEnded():
                if self._keeper.end(frame.session_id):
                    self._stay.end_session(frame.why or frame.reason)
            case channel.MaintenanceChanged():
                if frame.maintenance is None:
                    self._upkeep.end()  # also what a code has opened, once the server has been told of it
                self._maintain(frame.maintenance, frame.lease)
            case channel.MaintenanceKeys():
                self._store.save_upkeep_keys(frame.keys)
            case channel.Catalog():
                self._state.tariffs = frame.tariffs
                self._state.applications = frame.applications
                self._traces.named(frame.traces)
                self._cached.told(frame)
            case channel.NameChanged():
                self._state.computer_name = frame.computer_name
            case channel.CallChanged():
                self._state.call = frame.call
            case channel.Command():
                self._commands.take(frame)
            case updates.UpdateOffer():
                self._updates.offered(frame)
            case updates.UpdatePart():
                self._updates.part(frame)
            case _:
                log.info("unexpected_frame", type=type(frame).__name__)

    def unknown_computer(self) -> None:
        """The server knows this PC no more: nothing that it granted holds."""
        if self._keeper.end():
            self._stay.end_session("ended_by_desk")
        self._stay.close_kept_games()
        self._upkeep.end()
        self._state.welcomed = False
        self._state.customer = None
        self._state.call = None

    def _welcomed(self, welcome: channel.Welcome) -> None:
        state = self._state
        state.welcomed = True
        state.linked = True
        state.link_lost_at = None
        state.computer_name = welcome.computer_name
        state.club_name = welcome.club_name
        state.knows = welcome.knows
        self._outbox.false_server_told = False
        self._keeper.server_told(welcome.server_time)
        self._journal.forget_old_sessions(welcome.server_time)
        self._keeper.acknowledged(welcome.journal_number)
        membership = self._store.membership()
        if welcome.session is None or membership is None:
            if self._keeper.end():
                self._stay.end_session("ended_by_desk")
        elif self._keeper.apply(welcome.session, welcome.lease, membership):
            self._upkeep.end()
            self._stay.session_is_here(welcome.session)
        self._maintain(welcome.maintenance, welcome.maintenance_lease)
        state.customer = welcome.customer
        state.call = welcome.call
        self._outbox.restart()
        self._updates.linked()

    def _answered(self, answer: channel.Answer) -> None:
        self._stay.away.answered(answer.request_id, answer.code, self._state.customer)
        self._cached.answered(answer.request_id, answer.code)
        if self._requests.close(answer.request_id):
            known = answer.why in get_args(AnswerCode)
            self._screen.answer(
                answer.request_id, cast("AnswerCode", answer.why) if known else answer.code
            )

    def _maintain(self, view: MaintenanceView | None, signed: SignedLease | None) -> None:
        membership = self._store.membership()
        if membership is None:
            return
        if view is not None:
            self._stay.close_kept_games()
        if self._upkeep.apply(view, signed, membership, self._keeper.server_time):
            self._client.send(questions.SignOut(request_id=uuid4().hex))
        self._client.beat_now()

    def _session_changed(self, frame: channel.SessionChanged) -> None:
        membership = self._store.membership()
        if membership is None:
            return
        if self._keeper.apply(frame.session, frame.lease, membership):
            self._state.ended_reason = ""
            self._upkeep.end()
            self._stay.session_is_here(frame.session)
            self._client.beat_now()
