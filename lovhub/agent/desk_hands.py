"""What the agent does for the desk, see `commands.Hands`; starting a program is the player's own way to one, too."""

from collections.abc import Callable
from typing import Literal
from uuid import uuid4

import structlog

from lovhub.agent.applications import Applications
from lovhub.agent.client import ChannelClient
from lovhub.agent.commands import CommandFailed
from lovhub.agent.outbox import Outbox
from lovhub.agent.session_keeper import SessionKeeper
from lovhub.agent.state import PcState
from lovhub.agent.stay import Stay
from lovhub.protocol import channel, questions
from lovhub.protocol.views import AnswerCode

log = structlog.get_logger("agent")

GOING_OFF_SECONDS = 120.0
"""A PC that is still on so long after it was told to go off is back on the line."""


class DeskHands:
    """`publish` shows the launcher what has changed."""

    def __init__(
        self,
        state: PcState,
        keeper: SessionKeeper,
        client: ChannelClient,
        applications: Applications,
        outbox: Outbox,
        stay: Stay,
        *,
        publish: Callable[[], None],
    ) -> None:
        self._state = state
        self._keeper = keeper
        self._client = client
        self._applications = applications
        self._outbox = outbox
        self._stay = stay
        self._publish = publish

    def end_session(self, session_id: int | None) -> None:
        """Without a number (an older server) the player is signed out as by the own button."""
        somebody = self._state.customer is not None
        self._stay.close_kept_games()
        if session_id is not None and self._keeper.end(session_id):
            self._stay.end_session("ended_by_desk")
        if session_id is not None and self._keeper.session_id is not None:
            raise CommandFailed("another_session")
        if session_id is not None:
            self._stay.close_kept_games()
        if somebody or session_id is None:
            played_seconds = self._keeper.played_seconds
            self._client.send(questions.SignOut(uuid4().hex, played_seconds=played_seconds))

    def hold(self, *, held: bool) -> None:
        """See Hands."""
        if self._keeper.play is None:
            raise CommandFailed("no_session")
        self._state.held = held
        if not held:
            self._stay.away.open()  # the desk has seen who sits there
        self._publish()
        self._client.beat_now()

    def going_off(self, reason: Literal["restart", "shutdown"]) -> None:
        """See Hands."""
        self._keeper.save()
        self._client.rest(channel.Goodbye(reason=reason), GOING_OFF_SECONDS)

    async def start_application(self, application_id: int) -> AnswerCode:
        """The player's own way to a program, too."""
        session_id = self._keeper.session_id
        application = next(
            (
                application
                for application in self._state.applications
                if application.application_id == application_id
            ),
            None,
        )
        if application is None or self._keeper.play is None or session_id is None:
            return "application_not_available"
        if application_id not in self._applications.running_ids:
            try:
                await self._applications.start(application, session_id)
            except OSError as error:
                log.warning("application_failed", application_id=application_id, reason=str(error))
                return "application_failed"
            self._outbox.application_started(application_id, session_id)
            self._client.beat_now()
            self._publish()
        return "ok"
