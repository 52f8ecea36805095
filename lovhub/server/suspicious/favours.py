"""Reading what staff put on customers' accounts, and whose accounts are the staff's own. Five statements."""

from collections.abc import Collection
from operator import attrgetter, itemgetter

from sqlalchemy import ColumnElement, func, select, text, union_all
from sqlalchemy.orm import Session

from lovhub.server.customers.belonging import whose
from lovhub.server.customers.models import Customer
from lovhub.server.journal.models import FAVOURS, IS_FAVOUR, Event
from lovhub.server.search_key import search_key
from lovhub.server.staff.models import Staff
from lovhub.server.suspicious.accounts import (
    SAME_ACCOUNT_SECONDS,
    SAME_ACCOUNT_TIMES,
    Account,
    Colleague,
    Favour,
    is_full_name,
    owners,
)
from lovhub.server.suspicious.leads import Leads

BONUS = "bonus.given"
MOST_FAVOURS = 20_000
"""More than a large club books in a month; where no leads are kept yet, the newest of a longer period."""


def own_accounts(db: Session, club_id: int) -> dict[int, int]:
    """Customer accounts that are somebody's of the staff, with whose."""
    staff = [
        Colleague(person_id, search_key(name), customer_id, phone or "")
        for person_id, name, customer_id, phone in db.execute(
            select(Staff.id, Staff.name, Staff.customer_id, Customer.phone)
            .outerjoin(Customer, Customer.id == Staff.customer_id)
            .where(Staff.club_id == club_id)
            .order_by(Staff.id)  # of two with one name, the last is told
        )
    ]
    theirs = (
        Customer.id.in_([one.customer_id for one in staff if one.customer_id is not None]),
        Customer.phone.in_([one.phone for one in staff if one.phone]),
        Customer.name_key.in_([one.name_key for one in staff if is_full_name(one.name_key)]),
    )
    # Each by an index of its own: with "or" between them, SQLite would go through all customers; and so it would if it
    # found all that is asked for in the index that searches read: `login` does not stand there. "+ 0": and so it would
    # by the index by which they are put in the order of their balances, which has whether they are deleted.
    accounts = db.execute(
        union_all(
            *(
                select(Customer.id, Customer.name_key, Customer.phone, Customer.login).where(
                    Customer.club_id == whose(club_id),
                    (Customer.deleted_at + 0).is_(None),
                    is_theirs,
                )
                for is_theirs in theirs
            )
        )
    )
    return owners(staff, [Account(*row[:3]) for row in accounts])


def put_on_own(db: Session, period: Leads, own: Collection[int]) -> list[tuple[int, int, int]]:
    """Events of this period by which the staff put something on the accounts of `own`: (number, when, whose deed).

    The newest first. The connection is asked: of columns only, the session would make rows of its own once more.
    """
    if not own:
        return []
    asked = select(Event.id, Event.at, Event.actor_id).where(
        *_put_on(period, own), Event.kind.in_((*FAVOURS, BONUS))
    )
    found = db.connection().execute(asked)
    rows = [(event_id, at, by) for event_id, at, by in found if by is not None]
    return sorted(rows, key=itemgetter(1, 0), reverse=True)


def favours(db: Session, period: Leads, *, but: Collection[int]) -> list[Favour]:
    """What the staff put in this period on accounts on which one did it often within a day, the newest first.

    `but`: accounts of which each time is told anyway. Once or twice on an account is what a desk does all day, and is
    left to the database. Bonuses count on own accounts only: elsewhere each is told as such, and a shift has its limit
    of them.
    """
    accounts = set(db.scalars(period.kept("again").distinct()))
    if period.rest_at < period.until_at:
        rest = again_and_again(db, period.club_id, period.rest_at, period.until_at)
        accounts |= {customer_id for _at, customer_id in rest}
    accounts.difference_update(but)
    if not accounts:
        return []
    rows = db.execute(
        select(Event.id, Event.at, Event.actor_id, Event.customer_id).where(
            *_put_on(period, accounts), Event.kind.in_(FAVOURS)
        )
    )
    found = [
        Favour(event_id, at, person_id, customer_id)
        for event_id, at, person_id, customer_id in rows
        if person_id is not None and customer_id is not None
    ]
    return sorted(found, key=attrgetter("at", "event_id"), reverse=True)


def _put_on(period: Leads, accounts: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    """What the staff put on these in this period.

    By accounts, and in no order: asked otherwise, of more than one SQLite would read all that happened in the period,
    and of more than a few, all that the staff ever did.
    """
    return (
        Event.club_id + 0 == period.club_id,
        Event.customer_id.in_(accounts),
        Event.at >= period.from_at,
        Event.at < period.until_at,
        Event.actor_kind + "" == "staff",
    )


def again_and_again(db: Session, club_id: int, from_at: int, until_at: int) -> set[tuple[int, int]]:
    """When, and which account: one person had put something on it SAME_ACCOUNT_TIMES within SAME_ACCOUNT_SECONDS."""
    newest = (
        select(Event.id, Event.at, Event.actor_id, Event.customer_id)
        .where(
            Event.club_id == club_id,
            Event.at >= from_at - SAME_ACCOUNT_SECONDS,
            Event.at < until_at,
            text(IS_FAVOUR),
        )
        .order_by(Event.at.desc(), Event.id.desc())
        .limit(MOST_FAVOURS)
        .subquery()
    )
    a_few_before = func.lag(newest.c.at, SAME_ACCOUNT_TIMES - 1).over(
        partition_by=(newest.c.actor_id, newest.c.customer_id),
        order_by=(newest.c.at, newest.c.id),
    )
    within = select(
        newest.c.at, newest.c.customer_id, (newest.c.at - a_few_before).label("seconds")
    ).subquery()
    rows = db.execute(
        select(within.c.at, within.c.customer_id).where(
            within.c.seconds <= SAME_ACCOUNT_SECONDS, within.c.at >= from_at
        )
    )
    return {(at, customer_id) for at, customer_id in rows}
