"""What was read of a PC some seconds ago, as it is by now."""

from msgspec.structs import replace

from lovhub.server.conditions import queries as conditions
from lovhub.server.live import HallCondition, HallMaintenance, HallSession
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


def aged(session: HallSession | None, seconds: int) -> HallSession | None:
    """The session, so many seconds after it was read."""
    if session is None:
        return None
    if session.state == "active":
        return replace(session, seconds_left=max(0, session.seconds_left - seconds))
    if session.state == "unreachable":
        return replace(session, held_seconds=max(0, session.held_seconds - seconds))
    return session
