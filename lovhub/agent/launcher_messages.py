"""What whoever sits at this PC asks by the launcher, and who sees to it: this PC itself, or the server."""

from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from lovhub.agent.cached_sign_ins import CachedSignIns
from lovhub.agent.client import ChannelClient
from lovhub.agent.commands import Commands
from lovhub.agent.desk_hands import DeskHands
from lovhub.agent.maintenance import Upkeep
from lovhub.agent.outbox import Outbox
from lovhub.agent.player_requests import (
    SIGNING_IN,
    Asked,
    PlayerRequests,
    Question,
    question,
    secret_of,
)
from lovhub.agent.screen import Screen
from lovhub.agent.session_keeper import SessionKeeper
from lovhub.agent.state import PcState
from lovhub.agent.stay import Stay
from lovhub.agent.upkeep_codes import UpkeepCodes
from lovhub.clock import Clock
from lovhub.protocol import local
from lovhub.protocol.views import AnswerCode

log = structlog.get_logger("agent")


class LauncherMessages:
    """`run` does an errand beside the rest; `publish` shows the launcher what has changed."""

    def __init__(  # noqa: PLR0913 - a player's wishes reach most parts of the PC
        self,
        state: PcState,
        clock: Clock,
        *,
        keeper: SessionKeeper,
        client: ChannelClient,
        outbox: Outbox,
        upkeep: Upkeep,
        codes: UpkeepCodes,
        cached: CachedSignIns,
        stay: Stay,
        hands: DeskHands,
        requests: PlayerRequests,
        commands: Commands,
        screen: Screen,
        run: Callable[[Coroutine[Any, Any, None]], None],
        publish: Callable[[], None],
    ) -> None:
        self._state = state
        self._clock = clock
        self._keeper = keeper
        self._client = client
        self._outbox = outbox
        self._upkeep = upkeep
        self._codes = codes
        self._cached = cached
        self._stay = stay
        self._hands = hands
        self._requests = requests
        self._commands = commands
        self._screen = screen
        self._run = run
        self._publish = publish

    def take(self, message: local.LauncherMessage) -> None:
        """Do what is asked, or pass it on."""
        match message:
            case local.Screenshot():
                self._commands.picture_taken(message)
            case local.PlayerLaunch():
                self._run(self._launch(message.request_id, message.application_id))
            case local.PlayerStepAway():
                playing = self._keeper.play is not None
                self._screen.answer(
                    message.request_id,
                    self._stay.away.step_away(message.digits, self._state.customer)
                    if playing
                    else "no_time_left",
                )
                self._publish()
            case local.PlayerComeBack():
                now = self._clock.monotonic()
                self._screen.answer(
                    message.request_id, self._stay.away.come_back(message.secret, now)
                )
                self._publish()
            case local.PcIsCalled(name=name):
                self._client.wish.say(name)
                self._state.wished_name = name
                self._publish()
            case local.TechnicianCode(request_id=request_id, code=code):
                self._screen.answer(request_id, self._let_in(code))
                self._publish()
            case local.ChooseServer(address=address):
                self._client.choose_server(address)
            case local.Attach() | local.Alive():
                log.info("unexpected_message", type=type(message).__name__)
            case _:
                self._pass_on(message)

    def _pass_on(self, message: Asked) -> None:
        if isinstance(message, local.PlayerSignOut):
            self._end_upkeep()
            self._stay.close_kept_games()
            self._publish()
        if isinstance(message, SIGNING_IN):
            self._state.ended_reason = ""
            self._stay.away.typed(message.request_id, secret_of(message))
            if not isinstance(message, local.PlayerSignInWithCode):
                self._cached.typed(message.request_id, message.login, message.password)
        if isinstance(message, local.PlayerSignIn) and self._cached.is_open():
            self._run(self._go_on(message))
        else:
            self._ask(question(message, played_seconds=self._keeper.played_seconds))

    def _let_in(self, code: str) -> AnswerCode:
        """A technician has typed a code."""
        if self._keeper.session_id is not None:
            return "computer_busy"
        read = self._codes.enter(code)
        if isinstance(read, str):
            return read
        self._upkeep.enter(*read, self._clock.monotonic())
        self._stay.close_kept_games()
        self._state.customer = None
        self._outbox.deliver()
        self._client.beat_now()
        return "ok"

    async def _go_on(self, message: local.PlayerSignIn) -> None:
        """No server is there: whose session was cut off here signs in."""
        code = await self._cached.enter(message.login, message.password)
        self._stay.away.answered(message.request_id, code, self._state.customer)
        session = self._keeper.last_view
        if code == "ok" and session is not None:
            self._end_upkeep()
            self._state.never_linked(self._clock.monotonic())
            self._stay.session_is_here(session)
            self._client.beat_now()
        self._screen.answer(message.request_id, code)
        self._publish()

    def _end_upkeep(self) -> None:
        left = self._upkeep.left(self._clock.monotonic())
        self._upkeep.end()
        if left is not None:
            self._outbox.maintenance_left(*left)

    def _ask(self, frame: Question) -> None:
        """Pass the player's question on; without a link the answer is known at once."""
        if self._client.send(frame):
            self._requests.open(frame.request_id)
        else:
            self._screen.answer(frame.request_id, "server_unreachable")

    async def _launch(self, request_id: str, application_id: int) -> None:
        self._screen.answer(request_id, await self._hands.start_application(application_id))
