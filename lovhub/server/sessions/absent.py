"""Who is seated by the desk and has not been seen for long: perhaps somebody else plays on their account."""

from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.context import Work
from lovhub.server.customers.models import Customer
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Event

LONG_DAYS = 14
"""Whoever was here since will be back soon, and sees in «Мои операции» what was played."""
EVENT = "session.seated_absent"
_SEEN = ("customer.signed_in", "customer.topped_up")
"""They signed in by themselves, or money was paid in for them: neither is done for a friend for nothing."""


def tell(
    work: Work, *, session_id: int, computer_id: int, customer: Customer, actor: Actor
) -> None:
    """Note where staff have seated a customer who for LONG_DAYS has neither signed in nor paid. One statement.

    Nor is new here: whoever was just taken over from another system comes for the first time.
    """
    since_at = work.now - LONG_DAYS * 24 * 3600
    if actor.kind != "staff" or customer.created_at >= since_at:
        return
    seen = select(Event.id).where(
        Event.customer_id == customer.id, Event.at >= since_at, Event.kind.in_(_SEEN)
    )
    written_now = any(
        one["customer_id"] == customer.id and one["kind"] in _SEEN for one in work.events
    )
    if not written_now and work.db.scalar(seen.limit(1)) is None:
        journal.record(
            work,
            EVENT,
            actor,
            computer_id=computer_id,
            customer_id=customer.id,
            session_id=session_id,
            days=LONG_DAYS,
        )
