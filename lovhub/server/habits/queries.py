"""What a PC is told of a customer's habits."""

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from lovhub.protocol.views import HabitsView
from lovhub.server.applications.models import Application
from lovhub.server.database.prepared import Query
from lovhub.server.habits.models import CustomerHabits, FavouriteApplication
from lovhub.server.journal.models import Launch

MOST_RECENT = 8
RECENT_SECONDS = 60 * 24 * 3600
"""What was started longer ago is no habit any more."""

_RECENT = Query(
    select(Launch.application_id)
    .where(
        Launch.customer_id == bindparam("customer"),
        Launch.started_at > bindparam("since"),
        Launch.club_id == bindparam("club"),
    )
    .group_by(Launch.application_id)
    .order_by(func.max(Launch.started_at).desc(), func.max(Launch.id).desc())
    .limit(MOST_RECENT)
)
_FAVOURITE = Query(
    select(FavouriteApplication.application_id)
    .join(Application, Application.id == FavouriteApplication.application_id)
    .where(
        FavouriteApplication.customer_id == bindparam("customer"),
        Application.club_id == bindparam("club"),
    )
    .order_by(FavouriteApplication.application_id)
)
_CHOSEN = Query(
    select(CustomerHabits.volume, CustomerHabits.layout, CustomerHabits.language).where(
        CustomerHabits.customer_id == bindparam("customer")
    )
)


def view(db: Session, club_id: int, customer_id: int, now: int) -> HabitsView:
    """What they started last, what has their star, and how they like a PC; three statements.

    Of the programs of this club: another one that shares its customers has its own.
    """
    volume, layout, language = _CHOSEN.first(db, customer=customer_id) or (None, "", "")
    since = now - RECENT_SECONDS
    return HabitsView(
        recent_ids=tuple(_RECENT.values(db, customer=customer_id, club=club_id, since=since)),
        favourite_ids=tuple(_FAVOURITE.values(db, customer=customer_id, club=club_id)),
        volume=volume,
        layout=layout,
        language=language,
    )
