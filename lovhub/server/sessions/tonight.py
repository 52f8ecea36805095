"""Whether what lies on the counter may be sold to whoever would play it into the night. Inside an operation."""

from sqlalchemy import select

from lovhub.server.computers.models import Computer
from lovhub.server.context import Work
from lovhub.server.customers.models import Customer
from lovhub.server.lots import service as lots_service
from lovhub.server.minors import night
from lovhub.server.sessions import zones
from lovhub.server.sessions.models import IS_LIVE, PlaySession
from lovhub.server.sessions.sitting import Sitting, load_sitting
from lovhub.server.tariffs.rules import Goods


def check_sale_to_sitting(
    work: Work, goods: Goods, customer: Customer | None, sitting: Sitting
) -> None:
    """To whoever sits there, after all that they have to play there; refused as `night.check_sale` is."""
    night.check_sale(
        work, goods, customer, sitting.row.night_leave, played_before=sitting.bought_left()
    )


def check_sale_to_guest(work: Work, goods: Goods, night_leave: str) -> None:
    """To a guest who has nothing yet; refused as `night.check_sale` is."""
    night.check_sale(work, goods, None, night_leave)


def check_sale_at(
    work: Work, goods: Goods, customer: Customer, computer: Computer, night_leave: str
) -> None:
    """To a customer who will play it at a PC, after what they have to play there; refused likewise."""
    sits_there = work.db.scalars(
        select(PlaySession.id).where(
            PlaySession.computer_id == computer.id,
            PlaySession.customer_id == customer.id,
            IS_LIVE,
        )
    ).one_or_none()
    if sits_there is not None:
        before = load_sitting(work, sits_there).bought_left()
    else:
        lots = lots_service.in_use(
            work, customer_id=customer.id, guest_session_id=None, session_id=None
        )
        here = zones.played_here(work, lots, computer.zone_id)
        before = [(lot.row.kind, lot.seconds(work.now)) for lot in here]
    leave = night_leave or night.leave_of(work, customer.id)
    night.check_sale(work, goods, customer, leave, played_before=before)
