"""Whose customers a club's are: its own, or those of another club of the chain, which then shares them.

Customers and their groups are found by this, and by nothing else. Their money is one balance, wherever it was paid in;
what a club sells is its own: time that was bought at one club is played there.
"""

from typing import Any

from sqlalchemy import ScalarSelect, Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from lovhub.server.club.models import Club
from lovhub.server.customers.models import Customer
from lovhub.server.database.prepared import Query

_club = aliased(Club)
"""Made once: making it takes longer than asking."""


def whose(club_id: Any) -> ScalarSelect[int]:
    """The number of the club whose customers those of `club_id` (a number, or a parameter) are."""
    return (
        select(func.coalesce(_club.customers_of, _club.id))
        .where(_club.id == club_id)
        .correlate(None)
        .scalar_subquery()
    )


_WHOSE = Query(select(whose(bindparam("club"))))


def sharing(club_id: Any) -> Select[int]:
    """The numbers of all clubs with the same customers as this one (a number, or a parameter), itself among them."""
    return select(Club.id).where(func.coalesce(Club.customers_of, Club.id) == whose(club_id))


def names_of_sharing(db: Session, club_id: int) -> dict[int, str]:
    """What all clubs with the same customers as this one are called, by number: for what a customer did at another."""
    found = db.execute(select(Club.id, Club.name).where(Club.id.in_(sharing(club_id))))
    return dict(iter(found))


def club_of_customers(db: Session, club_id: int) -> int:
    """As `whose`, looked up."""
    (found,) = _WHOSE.one(db, club=club_id)
    return found


def club_for_new(db: Session, club_id: int) -> int:
    """As `whose`, for a row that is about to be written: until it is, nobody changes whose customers they are."""
    club = db.scalars(
        select(Club)
        .where(Club.id == club_id)
        .with_for_update(read=True, key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    return club.customers_of or club.id


def find(db: Session, club_id: int, customer_id: int) -> Customer | None:
    """The club's customer of this number; None for nobody, for another club's, and for one who is forgotten."""
    found = db.get(Customer, customer_id)
    if found is None or found.deleted_at is not None:
        return None
    return found if found.club_id == club_of_customers(db, club_id) else None
