"""A bonus that staff gave by mistake, taken back: a new posting the other way round, once."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lovhub.server.actor import Actor
from lovhub.server.bus import CustomerChanged
from lovhub.server.context import ClubContext
from lovhub.server.customers import reversal
from lovhub.server.customers import rules as customer_rules
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.models import LedgerPosting, LedgerTransfer
from lovhub.server.loyalty import bonuses, queries
from lovhub.server.sessions.locks import lock_customer
from lovhub.server.staff import rights

TAKEN_BACK = "bonus_taken_back"
"""The kind of posting by which it goes back."""

_CODES = {
    "top_up_spent": "bonus_spent",
    "take_back_not_yours": "bonus_not_yours",
    "take_back_too_late": "bonus_too_late",
}
"""What a top-up is refused with, and a bonus under the same rule."""


@dataclass(frozen=True)
class Given:
    """A bonus as staff gave it."""

    posting_id: int
    at: int
    amount_tiyn: int
    reason: str
    actor_kind: str
    actor_id: int | None


def given(db: Session, club_id: int, customer_id: int, posting_id: int) -> Given:
    """A bonus that staff gave this customer; OperationRefused("bonus_unknown") for anything else."""
    found = db.execute(
        select(LedgerPosting, LedgerTransfer.amount)
        .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
        .join(Customer, Customer.bonus_account_id == LedgerTransfer.credit_account_id)
        .where(
            LedgerPosting.id == posting_id,
            LedgerPosting.club_id == club_id,
            LedgerPosting.kind == bonuses.BY_STAFF,
            Customer.id == customer_id,
        )
    ).one_or_none()
    if found is None:
        raise OperationRefused("bonus_unknown")
    posting, amount_tiyn = found
    return Given(
        posting.id,
        posting.at,
        amount_tiyn,
        posting.reason,
        posting.actor_kind,
        posting.actor_id,
    )


def own_seconds_left(bonus: Given, actor: Actor, now: int) -> int:
    """How long `actor` may still take the bonus back as its author."""
    by_author = (bonus.actor_kind, bonus.actor_id) == (actor.kind, actor.id)
    return customer_rules.own_seconds_left(now - bonus.at, by_author=by_author)


def take_back(
    club: ClubContext, *, customer_id: int, posting_id: int, reason: str, actor: Actor
) -> int:
    """Take a bonus back and return the id of the new posting; taking back twice is one taking back.

    By the rule for a top-up by mistake: its author within two minutes, a manager or owner afterwards, with a reason.
    Raises OperationRefused: `customer_unknown`, `bonus_unknown`, `bonus_not_yours`, `bonus_too_late`, `invalid_fields`
    (reason), `bonus_spent` (with `left_tiyn`).
    """
    with club.write() as work:
        customer = lock_customer(work, customer_id)  # a purchase waits until this is settled
        bonus = given(work.db, work.club_id, customer_id, posting_id)
        key = reversal.key_of(posting_id)
        done = ledger.find_posting(work.db, work.club_id, key)
        if done is not None:
            return done.id
        left_tiyn = queries.bonus_of(work.db, customer)
        problem = customer_rules.take_back_problem(
            customer_rules.TopUpBooked(bonus.amount_tiyn, left_tiyn, work.now - bonus.at),
            by_author=(bonus.actor_kind, bonus.actor_id) == (actor.kind, actor.id),
            may_take_back_any=rights.may(actor.role, "take_back_money"),
            reason=reason,
        )
        if problem.startswith("reason_"):
            raise OperationRefused("invalid_fields", reason=problem)
        if problem:
            spent = {"left_tiyn": left_tiyn} if problem == "top_up_spent" else {}
            raise OperationRefused(_CODES[problem], **spent)
        reversed_id = ledger.post(
            work,
            key=key,
            kind=TAKEN_BACK,
            transfers=[
                ledger.Transfer(transfer.credit, transfer.debit, transfer.amount)
                for transfer in bonuses.giving(work, customer, bonus.amount_tiyn)
            ],
            actor=actor,
            reason=reason.strip(),
        )
        journal.record(
            work,
            "bonus.taken_back",
            actor,
            customer_id=customer_id,
            amount_tiyn=bonus.amount_tiyn,
            given_because=bonus.reason,
            reason=reason.strip(),
            posting_id=reversed_id,
            taken_back_posting_id=posting_id,
        )
        work.tell(CustomerChanged(customer_id))
        return reversed_id
