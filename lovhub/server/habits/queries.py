"""What a PC is told of a customer's habits."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lovhub.protocol.views import HabitsView
from lovhub.server.applications.models import Application
from lovhub.server.habits.models import CustomerHabits, FavouriteApplication
from lovhub.server.journal.models import Launch

MOST_RECENT = 8
RECENT_SECONDS = 60 * 24 * 3600
"""What was started longer ago is no habit any more."""


def view(db: Session, club_id: int, customer_id: int, now: int) -> HabitsView:
    """What they started last, what has their star, and how they like a PC; three statements.

    Of the programs of this club: another one that shares its customers has its own.
    """
    recent = (
        select(Launch.application_id)
        .where(
            Launch.customer_id == customer_id,
            Launch.started_at > now - RECENT_SECONDS,
            Launch.club_id == club_id,
        )
        .group_by(Launch.application_id)
        .order_by(func.max(Launch.started_at).desc(), func.max(Launch.id).desc())
        .limit(MOST_RECENT)
    )
    favourite = (
        select(FavouriteApplication.application_id)
        .join(Application, Application.id == FavouriteApplication.application_id)
        .where(FavouriteApplication.customer_id == customer_id, Application.club_id == club_id)
        .order_by(FavouriteApplication.application_id)
    )
    chosen = db.get(CustomerHabits, customer_id)
    return HabitsView(
        recent_ids=tuple(db.scalars(recent)),
        favourite_ids=tuple(db.scalars(favourite)),
        volume=None if chosen is None else chosen.volume,
        layout="" if chosen is None else chosen.layout,
        language="" if chosen is None else chosen.language,
    )
