"""A customer sits down at a PC, with what they have to play there. Inside an operation; opens no transaction."""

from collections.abc import Sequence

from lovhub.server.actor import Actor
from lovhub.server.computers.models import Computer
from lovhub.server.conditions import service as conditions
from lovhub.server.context import Work
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.lots import service as lots_service
from lovhub.server.minors import night
from lovhub.server.sessions import absent, minutes, zones
from lovhub.server.sessions.locks import lock_computer, lock_customer, lock_sessions_of
from lovhub.server.sessions.lot_seconds import seconds_left
from lovhub.server.sessions.seating import Room, begin_sitting, make_room, sitting_to_be
from lovhub.server.sessions.sitting import Sitting, sitting_of
from lovhub.server.sessions.zones import Consent


def sit_down(
    work: Work,
    *,
    computer_id: int,
    customer_id: int,
    actor: Actor,
    despite_kept: bool = False,
    start: minutes.Start | None = None,
    night_leave: str = "",
    consent: Consent | None = None,
) -> int | None:
    """A customer sits down at a PC: begin or resume the session; None where there is nothing to play.

    `start`: by the minute, once bought time is over. `consent` of the desk: time of other zones may be taken along.
    """
    computer = lock_computer(work, computer_id)
    customer = lock_customer(work, customer_id)
    night.check_leave(work, night_leave, customer, actor)
    live = lock_sessions_of(work, customer_id=customer.id, computer_id=computer_id)
    for session in (one for one in live if one.customer_id == customer.id):
        here = session.computer_id == computer_id
        if session.state == "active":
            if not here:
                raise OperationRefused("already_elsewhere")
            if start is not None:
                minutes.start(work, session, start, actor)
            night.give_leave(work, session, night_leave, actor)
            sitting_of(work, session).lengthened(actor)
            return session.id
        if session.state == "paused":
            night.admit(work, customer, night_leave or session.night_leave)
            absent.tell_going_on(work, session, actor)
            if here:
                conditions.check_seat(work, computer_id, customer_id=customer.id, despite_kept=True)
                night.give_leave(work, session, night_leave, actor)
                if start is not None:
                    minutes.start(work, session, start, actor)
                sitting_of(work, session).resume(actor)
                return session.id
            night_leave = night_leave or session.night_leave
            sitting_of(work, session).end(actor, "moved")
        # What a silent PC holds stays there; the customer goes on here with the rest.
    night.admit(work, customer, night_leave)
    room = make_room(
        work,
        computer_id,
        actor,
        customer_id=customer.id,
        despite_kept=despite_kept,
        is_taken=any(session.computer_id == computer_id for session in live),
    )
    lots = _lots_here(work, customer, computer, consent if start is None else None, actor)
    if start is None and _seconds_left(work, lots) == 0:
        return None
    sitting = _sitting_in(work, room, customer, lots, start, night_leave, actor)
    sitting.begin(actor, event="session.begun")
    session_id = sitting.row.id
    absent.tell(
        work, session_id=session_id, computer_id=computer_id, customer=customer, actor=actor
    )
    return session_id


def _sitting_in(
    work: Work,
    room: Room,
    customer: Customer,
    lots: list[lots_service.LotInUse],
    start: minutes.Start | None,
    night_leave: str,
    actor: Actor,
) -> Sitting:
    """The customer's sitting in this room, whose clock does not run yet."""
    if start is None and not night_leave and not zones.binds(work):
        session = sitting_to_be(work, room, customer_id=customer.id, guest_name="", actor=actor)
        return Sitting(work, session, lots)
    session = begin_sitting(
        work,
        room,
        customer_id=customer.id,
        guest_name="",
        actor=actor,
        night_leave=night_leave,
    )
    zones.bind(work, session, lots)
    if start is not None:
        minutes.start(work, session, start, actor)
    return sitting_of(work, session)  # with what has become of the lots by that


def _seconds_left(work: Work, lots: Sequence[lots_service.LotInUse]) -> int:
    return seconds_left([lot.seconds(work.now) for lot in lots])


def _lots_here(
    work: Work, customer: Customer, computer: Computer, consent: Consent | None, actor: Actor
) -> list[lots_service.LotInUse]:
    """What the customer has to play at a PC. With a `consent` (of the desk), time of other zones is taken along.

    That is asked only where nothing else could be played. Refused as `zones.take_along` is, and with
    `time_not_sold_there`.
    """

    def all_lots() -> list[lots_service.LotInUse]:
        return lots_service.in_use(
            work, customer_id=customer.id, guest_session_id=None, session_id=None
        )

    lots = all_lots()
    here = zones.played_here(work, lots, computer.zone_id)
    if consent is None or _seconds_left(work, here) or not _seconds_left(work, lots):
        return here
    zones.take_along(
        work,
        lots,
        computer.zone_id,
        consent,
        customer=customer,
        computer_id=computer.id,
        actor=actor,
    )
    here = zones.played_here(work, all_lots(), computer.zone_id)
    if not _seconds_left(work, here):
        raise OperationRefused("time_not_sold_there")
    return here
