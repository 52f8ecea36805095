"""What the agent knows apart from the session: one place, read by everything that shows it."""

from dataclasses import dataclass

import msgspec

from lovhub.agent.play import LINK_GRACE_SECONDS
from lovhub.protocol.local import Mode, State, Trouble
from lovhub.protocol.views import (
    ApplicationView,
    CallView,
    CustomerView,
    MaintenanceView,
    ServerView,
    SessionView,
    StaffView,
    TariffView,
)


@dataclass
class PcState:
    """Changed by the agent only. `link_lost_at`: a moment of the monotonic clock, or None."""

    computer_name: str
    server_address: str = ""
    servers: tuple[ServerView, ...] = ()
    club_name: str = ""
    welcomed: bool = False
    linked: bool = False
    link_lost_at: float | None = None
    pairing_code: str = ""
    takes_name: bool = False
    wished_name: str = ""
    customer: CustomerView | None = None
    tariffs: tuple[TariffView, ...] = ()
    applications: tuple[ApplicationView, ...] = ()
    ended_reason: str = ""
    call: CallView | None = None
    staff: StaffView | None = None
    knows: tuple[str, ...] = ()
    trouble: Trouble | None = None
    held: bool = False
    """The desk has covered the screen while the session's time runs."""

    def link_lost_seconds(self, monotonic: float) -> int:
        """For how long the server has not been there; 0 while it is, or before it ever was."""
        return 0 if self.link_lost_at is None else max(0, int(monotonic - self.link_lost_at))

    def never_linked(self, monotonic: float) -> None:
        """Somebody plays though no server has been there since the start: only what the lease allows is shown."""
        if self.link_lost_at is None:
            self.link_lost_at = monotonic - LINK_GRACE_SECONDS

    def mode(
        self,
        session: SessionView | None,
        maintenance: MaintenanceView | None = None,
        *,
        away: bool = False,
        goes_on: bool = False,
    ) -> Mode:
        """What the launcher shows, with this session."""
        if session is not None:
            if session.state != "active":
                return "paused"
            if self.held:
                return "held"
            return "away" if away else "playing"
        if maintenance is not None:
            return "maintenance"
        if self.pairing_code:
            return "pairing"
        if not self.welcomed and not goes_on:
            return "starting"
        return "locked" if self.customer is None else "signed_in"

    def message(  # noqa: PLR0913 - what others know at this moment
        self,
        session: SessionView | None,
        running_ids: tuple[int, ...],
        server_time: int,
        maintenance: MaintenanceView | None = None,
        *,
        games_kept: bool = False,
        away: bool = False,
        away_needs_digits: bool = False,
        upkeep_number: str = "",
        goes_on: bool = False,
    ) -> State:
        """Everything, for the launcher."""
        return State(
            mode=self.mode(session, maintenance, away=away, goes_on=goes_on),
            computer_name=self.computer_name,
            club_name=self.club_name,
            linked=self.linked,
            server_address=self.server_address,
            servers=self.servers,
            pairing_code=self.pairing_code,
            takes_name=self.takes_name,
            wished_name=self.wished_name,
            customer=self.customer,
            session=session,
            tariffs=self.tariffs,
            applications=self.applications,
            running_application_ids=running_ids,
            ended_reason=self.ended_reason,
            call=self.call,
            maintenance=maintenance,
            staff=self.staff,
            server_time=server_time,
            games_kept=games_kept,
            away_needs_digits=away_needs_digits,
            knows=self.knows,
            upkeep_number=upkeep_number,
            goes_on=goes_on,
            trouble=self.trouble,
        )


def without_seconds(message: State) -> State:
    """The state but for the seconds that run anyway: what makes it worth sending again."""
    if message.maintenance is not None:
        stopped = msgspec.structs.replace(message.maintenance, seconds_left=0)
        message = msgspec.structs.replace(message, maintenance=stopped)
    message = msgspec.structs.replace(message, server_time=0)
    if message.session is None:
        return message
    plan = tuple(msgspec.structs.replace(time, seconds=0) for time in message.session.plan)
    session = msgspec.structs.replace(message.session, seconds_left=0, played_seconds=0, plan=plan)
    return msgspec.structs.replace(message, session=session)
