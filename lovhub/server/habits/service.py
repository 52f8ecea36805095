"""Remembering habits. They are nobody's business but the player's: no event tells of them; they go with the name."""

from sqlalchemy import delete, func, select

from lovhub.server.applications import queries as applications
from lovhub.server.applications.models import Application
from lovhub.server.bus import CustomerChanged
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.habits import rules
from lovhub.server.habits.models import CustomerHabits, FavouriteApplication
from lovhub.server.sessions.locks import lock_customer


def choose(
    club: ClubContext,
    *,
    customer_id: int,
    volume: int | None = None,
    layout: str = "",
    language: str = "",
) -> None:
    """Remember what is given; None and "" leave it as it was. Refused with `invalid_fields`."""
    problems = rules.problems(volume=volume, layout=layout, language=language)
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    with club.write() as work:
        lock_customer(work, customer_id)
        row = work.db.get(CustomerHabits, customer_id)
        if row is None:
            row = CustomerHabits(customer_id=customer_id, layout="", language="")
            work.db.add(row)
        row.volume = row.volume if volume is None else volume
        row.layout = layout or row.layout
        row.language = language or row.language
        work.tell(CustomerChanged(customer_id))


def star(club: ClubContext, *, customer_id: int, application_id: int, is_favourite: bool) -> None:
    """Give a program a star, or take it. Refused with `application_not_available`, and beyond what is kept."""
    with club.write() as work:
        lock_customer(work, customer_id)
        row = work.db.get(FavouriteApplication, (customer_id, application_id))
        if not is_favourite:
            if row is not None:
                work.db.delete(row)
                work.tell(CustomerChanged(customer_id))
            return
        applications.get(work.db, work.club_id, application_id)
        if row is not None:
            return
        count = (
            select(func.count())
            .select_from(FavouriteApplication)
            .join(Application, Application.id == FavouriteApplication.application_id)
            .where(
                FavouriteApplication.customer_id == customer_id,
                Application.club_id == work.club_id,
            )
        )
        if work.db.scalars(count).one() >= rules.MOST_FAVOURITES:
            raise OperationRefused("invalid_fields", application_id="number_out_of_range")
        work.db.add(FavouriteApplication(customer_id=customer_id, application_id=application_id))
        work.tell(CustomerChanged(customer_id))


def forget(work: Work, customer_id: int) -> None:
    """The customer is forgotten, and so is what they liked."""
    for table in (CustomerHabits, FavouriteApplication):
        work.db.execute(delete(table).where(table.customer_id == customer_id))
