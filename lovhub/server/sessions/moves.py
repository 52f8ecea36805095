"""A player goes on at another PC."""

from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.lots import service as lots_service
from lovhub.server.lots.models import Lot
from lovhub.server.lots.service import LotInUse
from lovhub.server.minors import night
from lovhub.server.sessions import absent, minutes, zones
from lovhub.server.sessions.locks import (
    lock_computer,
    lock_customer,
    lock_customers_of,
    lock_sessions,
)
from lovhub.server.sessions.lot_seconds import seconds_left
from lovhub.server.sessions.models import PlaySession
from lovhub.server.sessions.seating import begin_sitting, make_room
from lovhub.server.sessions.sitting import load_sitting, sitting_of
from lovhub.server.sessions.zones import NO_CONSENT, Consent


def move(
    club: ClubContext,
    *,
    session_id: int,
    to_computer_id: int,
    actor: Actor,
    despite_kept: bool = False,
    consent: Consent = NO_CONSENT,
) -> int:
    """The player moves to another PC with the time that is left; returns the new session's id.

    From a silent PC only what that PC does not hold moves along: its held seconds stay where they are. `consent`: to
    taking time of another zone along; refused as `zones.take_along` is, and with `time_not_sold_there`.
    """
    with club.write() as work:
        there = lock_computer(work, to_computer_id)
        lock_customers_of(work, [session_id])
        lock_sessions(work, PlaySession.id == session_id, PlaySession.computer_id == to_computer_id)
        sitting = load_sitting(work, session_id, live=True)
        old = sitting.row
        if old.computer_id == to_computer_id:
            raise OperationRefused("computer_busy")
        room = make_room(
            work,
            to_computer_id,
            actor,
            customer_id=old.customer_id,
            despite_kept=despite_kept,
        )
        absent.tell_going_on(work, old, actor)
        if old.state != "unreachable":
            sitting.end(actor, "moved")
        lots, wait = _lots_there(work, old, there, consent, actor)
        session = begin_sitting(
            work,
            room,
            customer_id=old.customer_id,
            guest_name=old.guest_name,
            actor=actor,
            night_leave=old.night_leave,
        )
        if old.customer_id is None:
            for lot in work.db.scalars(select(Lot).where(Lot.guest_session_id == old.id)):
                lot.guest_session_id = session.id
        zones.bind(work, session, lots)
        minutes.go_on(
            work,
            old,
            session,
            zone_id=there.zone_id,
            same_zone=old.zone_id == there.zone_id,
            actor=actor,
        )
        work.db.flush()
        moved = sitting_of(work, session)
        if moved.allowed == 0:
            player = None if old.customer_id is None else lock_customer(work, old.customer_id)
            night.admit(work, player, session.night_leave)
        if seconds_left(moved.seconds) == 0:
            raise OperationRefused("time_not_sold_there" if wait else "no_time_left")
        moved.begin(actor, event="session.moved", from_session_id=session_id)
        return session.id


def _lots_there(
    work: Work, old: PlaySession, there: Computer, consent: Consent, actor: Actor
) -> tuple[list[LotInUse], bool]:
    """What is played there, once time of another price was taken along; and whether some of it must wait."""
    work.db.flush()
    customer = None if old.customer_id is None else work.db.get_one(Customer, old.customer_id)

    def free() -> list[LotInUse]:
        found = lots_service.in_use(
            work, customer_id=old.customer_id, guest_session_id=old.id, session_id=None
        )
        return [lot for lot in found if lot.available]

    zones.take_along(
        work,
        free(),
        there.zone_id,
        consent,
        customer=customer,
        computer_id=there.id,
        actor=actor,
    )
    lots = free()
    here = zones.played_here(work, lots, there.zone_id)
    if customer is None and len(here) < len(lots):
        # A guest's time goes where the guest goes, or nowhere.
        raise OperationRefused("time_not_sold_there")
    return here, len(here) < len(lots)
