"""Whom the desk seats though they have not been seen for long, and whose pause it ends: perhaps somebody else plays."""

from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.context import Work
from lovhub.server.customers.models import Customer
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Event
from lovhub.server.sessions import rules
from lovhub.server.sessions.models import PlaySession

LONG_DAYS = 14
"""Whoever was here since will be back soon, and sees in «Мои операции» what was played."""
EVENT = "session.seated_absent"
STOOD_LONG_SECONDS = 3600
"""Whoever has been away for so long may have gone home."""
WENT_ON = "session.resumed_for_player"
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
    if not _is_seen_now(work, customer.id) and work.db.scalar(seen.limit(1)) is None:
        journal.record(
            work,
            EVENT,
            actor,
            computer_id=computer_id,
            customer_id=customer.id,
            session_id=session_id,
            days=LONG_DAYS,
        )


def tell_going_on(work: Work, row: PlaySession, actor: Actor) -> None:
    """Note where staff let go on, there or at another PC, what stands still: before they do.

    Of a player's own pause always, as they go on by signing in; of any other once it has lasted STOOD_LONG_SECONDS.
    """
    if actor.kind != "staff" or row.state != "paused":
        return
    stood_seconds = work.now - row.settled_at
    if row.pause_reason != rules.PLAYER and stood_seconds < STOOD_LONG_SECONDS:
        return
    if row.customer_id is None or not _is_seen_now(work, row.customer_id):
        journal.record(
            work,
            WENT_ON,
            actor,
            computer_id=row.computer_id,
            customer_id=row.customer_id,
            session_id=row.id,
            pause_reason=row.pause_reason,
            stood_seconds=stood_seconds,
        )


def _is_seen_now(work: Work, customer_id: int) -> bool:
    """Whether this very operation takes their money or lets them in."""
    return any(one["customer_id"] == customer_id and one["kind"] in _SEEN for one in work.events)
