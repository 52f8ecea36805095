"""A player goes on at another PC."""

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.minors import night
from lovhub.server.sessions import minutes, rules
from lovhub.server.sessions.models import PlaySession
from lovhub.server.sessions.sitting import (
    begin_sitting,
    load_sitting,
    lock_computer,
    lock_customer,
    lock_customers_of,
    lock_sessions,
    make_room,
)


def move(
    club: ClubContext,
    *,
    session_id: int,
    to_computer_id: int,
    actor: Actor,
    despite_kept: bool = False,
) -> int:
    """The player moves to another PC with the time that is left; returns the new session's id.

    From a silent PC only what that PC does not hold moves along: its held seconds stay where they are.
    """
    with club.write() as work:
        there = lock_computer(work, to_computer_id)
        lock_customers_of(work, [session_id])
        lock_sessions(work, PlaySession.id == session_id, PlaySession.computer_id == to_computer_id)
        sitting = load_sitting(work, session_id, live=True)
        old = sitting.row
        if old.computer_id == to_computer_id:
            raise OperationRefused("computer_busy")
        make_room(
            work,
            to_computer_id,
            actor,
            customer_id=old.customer_id,
            despite_kept=despite_kept,
        )
        if old.state != "unreachable":
            sitting.end(actor, "moved")
        session = begin_sitting(
            work,
            to_computer_id,
            customer_id=old.customer_id,
            guest_name=old.guest_name,
            actor=actor,
            night_leave=old.night_leave,
        )
        if old.customer_id is None:
            for lot in sitting.lots:
                lot.row.guest_session_id = session.id
        minutes.go_on(
            work,
            old,
            session,
            zone_id=there.zone_id,
            same_zone=old.zone_id == there.zone_id,
            actor=actor,
        )
        work.db.flush()
        moved = load_sitting(work, session.id)
        if moved.allowed == 0:
            player = None if old.customer_id is None else lock_customer(work, old.customer_id)
            night.admit(work, player, session.night_leave)
        if rules.seconds_left(moved.seconds) == 0:
            raise OperationRefused("no_time_left")
        moved.begin(actor, event="session.moved", from_session_id=session_id)
        return session.id
