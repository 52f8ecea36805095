"""A customer's phone and birth date, for those who need them.

Whoever may `see_contacts` sees them everywhere. Others see the end of the phone, enough to tell two people apart, and
whether somebody is of age; they find somebody by the whole number only, and may not sort by it; they may open one
customer's by a press, which the log tells, some of them in an hour.
"""

from dataclasses import dataclass

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.customers import queries, rules
from lovhub.server.customers.belonging import find as find_customer
from lovhub.server.customers.typed import PhoneSearch
from lovhub.server.database.keyset import Sorts
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.staff import rights


@dataclass(frozen=True)
class Contacts:
    """What was opened."""

    phone: str
    birth_date: str


def shown_phone(phone: str, role: str) -> str:
    """The phone as people of this role see it in lists."""
    return phone if rights.may(role, "see_contacts") else rules.masked_phone(phone)


def shown_birth_date(birth_date: str, role: str) -> str:
    """The same of a birth date: «2009-01-16», or its year for those who need no more than the age."""
    return birth_date if rights.may(role, "see_contacts") else birth_date[:4]


def phone_search(role: str) -> PhoneSearch:
    """How people of this role find somebody by the phone."""
    return "part" if rights.may(role, "see_contacts") else "whole"


def sorts(role: str) -> Sorts:
    """What people of this role may sort customers by."""
    return queries.SORTS if rights.may(role, "see_contacts") else queries.SORTS_WITHOUT_PHONES


def reveal(club: ClubContext, *, customer_id: int, actor: Actor) -> Contacts:
    """Open one customer's phone and birth date.

    Raises OperationRefused: `customer_unknown`, `too_many_attempts` (so many in an hour are no work at a desk).
    """
    if not rights.may(actor.role, "see_contacts"):
        club.contacts_by_person.take(f"{actor.kind} {actor.id}")
    with club.write() as work:
        customer = find_customer(work.db, work.club_id, customer_id)
        if customer is None:
            raise OperationRefused("customer_unknown")
        journal.record(work, "customer.contacts_seen", actor, customer_id=customer_id)
        return Contacts(customer.phone, customer.birth_date)
