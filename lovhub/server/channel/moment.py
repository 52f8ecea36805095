"""What was read of a PC some seconds ago, as it is by now."""

from collections.abc import Iterable

from msgspec.structs import replace

from lovhub.server.attention import queries as attention
from lovhub.server.attention.rules import LONGEST_WARNING_SECONDS
from lovhub.server.conditions import queries as conditions
from lovhub.server.journal import queries as journal
from lovhub.server.live import (
    SHOWN_VALUES,
    HallCondition,
    HallMaintenance,
    HallSession,
    OpenAlarm,
    OpenCall,
)
from lovhub.server.maintenance import queries as maintenance_queries
from lovhub.server.minors.rules import NIGHT


def waits(session: HallSession) -> bool:
    """Whether somebody stands there whose age nobody has confirmed."""
    return session.state == "paused" and session.pause_reason == NIGHT


def condition(shown: conditions.ConditionShown | None, now: int) -> HallCondition | None:
    """The condition at this moment; one whose time has come is none, even before it is booked."""
    if shown is None or (shown.until_at is not None and shown.until_at <= now):
        return None
    left = 0 if shown.until_at is None else shown.until_at - now
    return HallCondition(shown.kind, shown.text, shown.customer_id, left)


def maintenance(
    shown: maintenance_queries.MaintenanceShown | None, now: int
) -> HallMaintenance | None:
    """The opening at this moment; one whose time has come is none, even before it is booked."""
    if shown is None or shown.until_at <= now:
        return None
    return HallMaintenance(shown.who, shown.reason, shown.until_at - now)


class Ends:
    """When time alone ends what is shown of PCs: looked at twice a second, and mostly nothing has ended."""

    def __init__(
        self,
        shown: Iterable[conditions.ConditionShown | maintenance_queries.MaintenanceShown] = (),
    ) -> None:
        ends = ((one.until_at, one.computer_id) for one in shown if one.until_at is not None)
        self._latest_first = sorted(ends, reverse=True)

    def passed(self, now: int) -> list[int]:
        """The PCs of which something has ended since this was last asked."""
        found = []
        while self._latest_first and self._latest_first[-1][0] <= now:
            found.append(self._latest_first.pop()[1])
        return found


def to_ask_from(session: HallSession | None, read_at: int) -> int | None:
    """The instant before which nobody has to ask what becomes of the session; None: nobody has to as it is."""
    if session is None:
        return None
    if session.state == "active":
        return read_at + session.seconds_left - LONGEST_WARNING_SECONDS
    return 0 if waits(session) else None


def aged(session: HallSession | None, seconds: int) -> HallSession | None:
    """The session, so many seconds after it was read."""
    if session is None:
        return None
    if session.state == "active":
        return replace(session, seconds_left=max(0, session.seconds_left - seconds))
    if session.state == "unreachable":
        return replace(session, held_seconds=max(0, session.held_seconds - seconds))
    return session


def alarm(row: journal.AlarmRow, now: int) -> OpenAlarm:
    """An alarm nobody has closed, and for how long by now."""
    return OpenAlarm(
        alarm_id=row.alarm_id,
        kind=row.kind,
        computer_name=row.computer_name,
        data={name: row.data[name] for name in SHOWN_VALUES if name in row.data},
        seconds_ago=max(0, now - row.at),
        computer_id=row.computer_id,
        taken_by=row.taken_by,
    )


def call(row: attention.CallRow, now: int) -> OpenCall:
    """A call nobody has closed, and for how long by now."""
    return OpenCall(
        call_id=row.call_id,
        computer_id=row.computer_id,
        computer_name=row.computer_name,
        who=row.who,
        reason=row.reason,
        text=row.text,
        count=row.count,
        seconds_ago=max(0, now - row.called_at),
        taken_by=row.taken_by,
    )
