"""Debts that nobody has paid for long: who let the customer play so, and what is owed still. One statement.

Nobody who owes plays in debt again, so what a customer owes comes from the last time they did.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from lovhub.server.customers.belonging import whose
from lovhub.server.customers.models import Customer
from lovhub.server.journal.models import Event
from lovhub.server.ledger.models import AccountBalance

LONG_DAYS = 7
"""Whoever comes every weekend has been here since and has not paid."""
_LONG_SECONDS = LONG_DAYS * 24 * 3600
_BEGUN = "session.in_debt"


def find(
    db: Session, club_id: int, from_at: int, until_at: int, now: int, *, most: int
) -> dict[int, int]:
    """The events with which debts began that became old in this period, with what is owed of each; the newest."""
    # From those who owe, who are few, and not from all that was ever played in debt.
    begun = aliased(Event)
    last_begun = (
        select(begun.id)
        .where(begun.customer_id == Customer.id, begun.kind == _BEGUN)
        .order_by(begun.at.desc(), begun.id.desc())
        .limit(1)
        .correlate(Customer)
        .scalar_subquery()
    )
    # First who owes, and since when, then those events by their numbers, by no index: SQLite would else look at every
    # debtor for each event of the period. And by the debts there are, not by all customers of the club.
    owing = (
        select(last_begun.label("event_id"), AccountBalance.balance.label("balance"))
        .select_from(Customer)
        .join(AccountBalance, AccountBalance.account_id == Customer.debt_account_id)
        .where(
            Customer.club_id + 0 == whose(club_id),
            Customer.debt_account_id.is_not(None),
            AccountBalance.balance < 0,
        )
        .cte("owing")
        .prefix_with("MATERIALIZED")
    )
    at = Event.at + 0
    rows = db.execute(
        select(Event.id, owing.c.balance)
        .join_from(owing, Event, Event.id == owing.c.event_id)
        .where(
            # Of a debt made at another club of the chain that club's people are asked.
            Event.club_id + 0 == club_id,
            at >= from_at - _LONG_SECONDS,
            at < until_at - _LONG_SECONDS,
            at <= now - _LONG_SECONDS,
        )
        .order_by(Event.at.desc(), Event.id.desc())
        .limit(most)
    )
    return {event_id: -balance for event_id, balance in rows}


def old_at(begun_at: int) -> int:
    """When a debt that began at this instant is old."""
    return begun_at + _LONG_SECONDS
