"""What the launcher is shown: the PC's state when it has changed, running seconds, answers to its questions."""

from lovhub.agent.applications import Applications
from lovhub.agent.cached_sign_ins import CachedSignIns
from lovhub.agent.local_server import LocalServer
from lovhub.agent.maintenance import Upkeep
from lovhub.agent.session_keeper import SessionKeeper
from lovhub.agent.state import PcState, without_seconds
from lovhub.agent.stay import Stay
from lovhub.agent.upkeep_codes import UpkeepCodes
from lovhub.clock import Clock
from lovhub.protocol import local
from lovhub.protocol.views import AnswerCode


class Screen:
    """The launcher's side of the pipe, as far as it only listens."""

    def __init__(  # noqa: PLR0913, PLR0917 - it shows what all of them know
        self,
        state: PcState,
        keeper: SessionKeeper,
        applications: Applications,
        upkeep: Upkeep,
        codes: UpkeepCodes,
        stay: Stay,
        cached: CachedSignIns,
        clock: Clock,
        local_server: LocalServer,
    ) -> None:
        self._state = state
        self._keeper = keeper
        self._applications = applications
        self._upkeep = upkeep
        self._codes = codes
        self._stay = stay
        self._cached = cached
        self._clock = clock
        self._local_server = local_server
        self._last_state: local.State | None = None
        self._last_clock: local.Clock | None = None

    def forget(self) -> None:
        """Another launcher is there: it has seen nothing yet."""
        self._last_state = None
        self._last_clock = None

    def show(self) -> local.State:
        """Send the state if it changed; returns it. Running seconds travel apart, in `Clock`."""
        session = self._keeper.view(self._state.link_lost_seconds(self._clock.monotonic()))
        upkeep = self._upkeep.now(self._clock.monotonic())
        message = self._state.message(
            session,
            self._applications.running_ids,
            self._keeper.server_now(),
            upkeep,
            games_kept=self._stay.games_kept,
            away=self._stay.away.gone,
            away_needs_digits=self._stay.away.needs_digits(self._state.customer),
            upkeep_number=self._codes.number() if session is None and upkeep is None else "",
            goes_on=self._cached.is_open(),
        )
        last = self._last_state
        if last is None or without_seconds(message) != without_seconds(last):
            self._last_state = message
            self._local_server.send(message)
        return message

    def show_seconds(self) -> None:
        """Send the seconds that run, if there are any and they have changed."""
        now = self._clock.monotonic()
        link_lost_seconds = self._state.link_lost_seconds(now)
        play = self._keeper.play
        if play is not None:
            left, played = self._keeper.left(link_lost_seconds), play.played_seconds
        elif (upkeep := self._upkeep.now(now)) is not None:
            left, played = upkeep.seconds_left, 0
        elif (grace_left := self._stay.grace_left()) is not None:
            left, played = grace_left, 0
        else:
            return
        clock = local.Clock(left, played, link_lost_seconds)
        if clock != self._last_clock:
            self._last_clock = clock
            self._local_server.send(clock)

    def answer(self, request_id: str, code: AnswerCode) -> None:
        """Tell the launcher what became of its question."""
        self._local_server.send(local.LocalAnswer(request_id=request_id, code=code))
