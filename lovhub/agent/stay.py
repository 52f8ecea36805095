"""A player's stay around the session: how it ends, whose games wait behind the lock, the lock of one's own."""

from collections.abc import Callable, Coroutine
from typing import Any

from lovhub.agent.applications import Applications
from lovhub.agent.away import Away
from lovhub.agent.client import ChannelClient
from lovhub.agent.grace import Grace, grace_after
from lovhub.agent.session_keeper import SessionKeeper
from lovhub.agent.state import PcState
from lovhub.agent.traces import Traces
from lovhub.clock import Clock
from lovhub.protocol import channel
from lovhub.protocol.views import CustomerView, SessionView


class Stay:
    """`run` does an errand beside the rest; `publish` shows the launcher what has changed."""

    def __init__(
        self,
        state: PcState,
        keeper: SessionKeeper,
        client: ChannelClient,
        applications: Applications,
        clock: Clock,
        traces: Traces,
        *,
        run: Callable[[Coroutine[Any, Any, None]], None],
        publish: Callable[[], None],
    ) -> None:
        self.away = Away()
        self._state = state
        self._keeper = keeper
        self._client = client
        self._applications = applications
        self._clock = clock
        self._traces = traces
        self._run = run
        self._publish = publish
        self._grace: Grace | None = None

    @property
    def games_kept(self) -> bool:
        """Whether games are open behind the lock."""
        return self._grace is not None

    def grace_left(self) -> int | None:
        """Seconds for which games wait for a payment; None if none do."""
        if self._grace is None:
            return None
        return self._grace.seconds_left(self._clock.monotonic())

    def end_session(self, reason: str) -> None:
        """Lock, and close the programs: at once, or once nobody has paid for more within the grace.

        Whoever's time is over may pay for more until then; otherwise no account stays open behind a lock.
        """
        self._state.ended_reason = reason
        self._state.held = False
        ended = self._keeper.last_view
        self._grace = grace_after(ended, reason, self._state.customer, self._clock.monotonic())
        self.away.open()
        if self._grace is None:
            self.away.forget()
            self._state.customer = None
            self.leave_nothing()
            if reason == "time_over" and ended is not None:
                self._client.send(channel.GamesClosed(session_id=ended.session_id))
        self._publish()
        self._client.beat_now()

    def close_kept_games(self, *, sign_out: bool = True) -> None:
        """Nobody paid in time, or somebody else sits there: what was left open is closed."""
        grace, self._grace = self._grace, None
        if grace is None:
            return
        self.away.forget()
        if sign_out:
            self._state.customer = None
            self._client.send(channel.GamesClosed(session_id=grace.session_id))
        self.leave_nothing()

    def leave_nothing(self) -> None:
        """Close whatever is open, and then clear away what the player has left on the disk."""
        self._run(self._close_and_clear(self._traces.sessions))

    async def _close_and_clear(self, sessions: int) -> None:
        await self._applications.close_all()
        await self._traces.clear(sessions)

    def session_is_here(self, session: SessionView) -> None:
        """A session is here again: the games are given back to whose they are, and to nobody else."""
        if self._grace is not None and self._grace.is_for(session):
            self._grace = None
        self.close_kept_games(sign_out=False)
        self._traces.session_began()

    def customer_changed(self, customer: CustomerView | None) -> None:
        """Somebody else than whose games wait has signed in, or nobody is any more."""
        self._state.customer = customer
        if self._grace is not None and not self._grace.is_of(customer):
            self.close_kept_games(sign_out=False)
