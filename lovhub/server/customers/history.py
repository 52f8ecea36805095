"""What became of a customer's money and time, the newest first."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lovhub.server.actor import Actor
from lovhub.server.customers import rules
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.models import LedgerPosting, LedgerTransfer


@dataclass(frozen=True)
class TopUp:
    """A top-up as it was booked."""

    posting_id: int
    at: int
    amount_tiyn: int
    actor_kind: str
    actor_id: int | None


def top_up(db: Session, club_id: int, customer_id: int, posting_id: int) -> TopUp:
    """A top-up of this customer; OperationRefused("top_up_unknown") for anything else."""
    found = db.execute(
        select(LedgerPosting, LedgerTransfer.amount)
        .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
        .join(Customer, Customer.balance_account_id == LedgerTransfer.credit_account_id)
        .where(
            LedgerPosting.id == posting_id,
            LedgerPosting.club_id == club_id,
            LedgerPosting.kind == "top_up",
            Customer.id == customer_id,
        )
    ).one_or_none()
    if found is None:
        raise OperationRefused("top_up_unknown")
    posting, amount_tiyn = found
    return TopUp(posting.id, posting.at, amount_tiyn, posting.actor_kind, posting.actor_id)


def own_seconds_left(booked: TopUp, actor: Actor, now: int) -> int:
    """How long `actor` may still take the top-up back as its author."""
    by_author = (booked.actor_kind, booked.actor_id) == (actor.kind, actor.id)
    return rules.own_seconds_left(now - booked.at, by_author=by_author)
