"""What sittings by the minute reserve of a balance: let go where money is spent, made anew as the balance changes.

Inside an operation that has locked the customer.
"""

from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.context import Work
from lovhub.server.sessions import rules
from lovhub.server.sessions.locks import lock_sessions
from lovhub.server.sessions.models import IS_LIVE, MeterRow, PlaySession
from lovhub.server.sessions.sitting import load_sitting


def lock_sittings_of(work: Work, customer_id: int) -> None:
    """Lock what the customer plays, before money is booked: a settlement holds the sitting and wants the balance."""
    lock_sessions(work, PlaySession.customer_id == customer_id)


def free_reserve_of(work: Work, customer_id: int, actor: Actor) -> None:
    """Let go what sittings by the minute reserve of the balance, but what is played: it is there to be spent.

    A silent PC may be playing, and keeps what it holds. The caller lengthens the sitting in the same operation.
    """
    lock_sittings_of(work, customer_id)
    metered = (
        select(PlaySession.id)
        .join(MeterRow, MeterRow.session_id == PlaySession.id)
        .where(
            PlaySession.customer_id == customer_id,
            PlaySession.club_id == work.club_id,
            PlaySession.state == "active",
        )
    )
    for session_id in work.db.scalars(metered).all():
        sitting = load_sitting(work, session_id)
        sitting.store(rules.free_reserve(sitting.state, sitting.seconds, now=work.now), actor, "")


def balance_changed(work: Work, customer_id: int, actor: Actor) -> None:
    """The customer has more money, or less: a sitting that the balance pays for reaches further, or less far.

    One at another club of the chain is that club's to bill: it sees the balance when it next takes from it.
    """
    metered = (
        select(PlaySession.id)
        .join(MeterRow, MeterRow.session_id == PlaySession.id)
        .where(PlaySession.customer_id == customer_id, PlaySession.club_id == work.club_id, IS_LIVE)
    )
    for session_id in work.db.scalars(metered).all():
        load_sitting(work, session_id).lengthened(actor)
