"""Reading what staff put on customers' accounts, and whose accounts are the staff's own. Four statements."""

from collections.abc import Collection

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from lovhub.server.customers.models import Customer
from lovhub.server.journal.models import IS_FAVOUR, Event
from lovhub.server.search_key import search_key
from lovhub.server.staff.models import Staff
from lovhub.server.suspicious.accounts import (
    SAME_ACCOUNT_TIMES,
    Account,
    Colleague,
    Favour,
    owners,
)

MOST_FAVOURS = 20_000
"""More than a large club books in a month; of a longer period, the newest."""


def own_accounts(db: Session, club_id: int) -> dict[int, int]:
    """Customer accounts that are somebody's of the staff, with whose."""
    staff = [
        Colleague(person_id, search_key(name), customer_id, phone or "")
        for person_id, name, customer_id, phone in db.execute(
            select(Staff.id, Staff.name, Staff.customer_id, Customer.phone)
            .outerjoin(Customer, Customer.id == Staff.customer_id)
            .where(Staff.club_id == club_id)
        )
    ]
    accounts = db.execute(
        select(Customer.id, Customer.name_key, Customer.phone).where(
            Customer.club_id == club_id,
            Customer.deleted_at.is_(None),
            or_(
                Customer.id.in_([one.customer_id for one in staff if one.customer_id is not None]),
                Customer.phone.in_([one.phone for one in staff if one.phone]),
                Customer.name_key.in_([one.name_key for one in staff]),
            ),
        )
    )
    return owners(staff, [Account(*row) for row in accounts])


def favours(
    db: Session, club_id: int, from_at: int, until_at: int, own: Collection[int]
) -> list[Favour]:
    """Who of the staff put something on whose account in this period: on the staff's own, or so often that it may tell.

    Once or twice on an account is what a desk does all day, and is left to the database.
    """
    newest = (
        select(Event.id, Event.at, Event.actor_id, Event.customer_id)
        .where(
            Event.club_id == club_id,
            Event.at >= from_at,
            Event.at < until_at,
            text(IS_FAVOUR),
        )
        .order_by(Event.at.desc(), Event.id.desc())
        .limit(MOST_FAVOURS)
        .subquery()
    )
    times = func.count().over(partition_by=(newest.c.actor_id, newest.c.customer_id))
    counted = select(newest, times.label("times")).subquery()
    rows = db.execute(
        select(counted.c.id, counted.c.at, counted.c.actor_id, counted.c.customer_id)
        .where(or_(counted.c.times >= SAME_ACCOUNT_TIMES, counted.c.customer_id.in_(own)))
        .order_by(counted.c.at.desc(), counted.c.id.desc())
    )
    return [
        Favour(event_id, at, person_id, customer_id)
        for event_id, at, person_id, customer_id in rows
        if person_id is not None and customer_id is not None
    ]


def chosen(found: list[Favour], accounts: Collection[int], most: int) -> list[int]:
    """The newest events that are about these accounts."""
    return [favour.event_id for favour in found if favour.customer_id in accounts][:most]
