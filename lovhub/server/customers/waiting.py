"""What of a customer's bought time may not be played at this hour, because it was sold for other hours."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import not_, select
from sqlalchemy.orm import Session

from lovhub.protocol.views import WaitingView
from lovhub.server.club import service as club_service
from lovhub.server.ledger.models import AccountBalance
from lovhub.server.lots import hours
from lovhub.server.lots.hours import Waiting
from lovhub.server.lots.models import Lot


def waits(db: Session, club_id: int, customer_id: int, now: int) -> Waiting | None:
    """What the customer has here that no session holds and that waits for its hours; None: nothing does."""
    lots = db.execute(
        select(Lot, AccountBalance.balance)
        .join(AccountBalance, AccountBalance.account_id == Lot.available_account_id)
        .where(
            Lot.customer_id == customer_id,
            Lot.club_id == club_id,
            Lot.play_hours.is_not(None),
            not_(Lot.exhausted),
        )
    )
    time_zone = club_service.get(db, club_id).time_zone
    return hours.waiting(((lot, seconds) for lot, seconds in lots), time_zone, now)


def view(db: Session, club_id: int, customer_id: int, now: int) -> WaitingView | None:
    """The same as a PC shows it."""
    found = waits(db, club_id, customer_id, now)
    if found is None:
        return None
    zone = ZoneInfo(club_service.get(db, club_id).time_zone)
    opens, today = (datetime.fromtimestamp(at, zone) for at in (found.opens_at, now))
    is_today = opens.date() == today.date()
    return WaitingView(
        found.seconds, f"{opens:%H:%M}", opens_on="" if is_today else f"{opens:%d.%m}"
    )
