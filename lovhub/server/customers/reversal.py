"""A top-up by mistake, taken back: a new posting the other way round, once."""

from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.bus import CustomerChanged
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers import owing, rules
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.models import LedgerPosting, LedgerTransfer
from lovhub.server.loyalty import bonuses
from lovhub.server.loyalty import queries as loyalty
from lovhub.server.loyalty.rules import ToppedUp
from lovhub.server.payments.models import Payment
from lovhub.server.sessions.locks import lock_customer
from lovhub.server.sessions.reserve import balance_changed, free_reserve_of
from lovhub.server.staff import rights


def key_of(posting_id: int) -> str:
    """The key of the posting that takes `posting_id` back: there can be one only."""
    return f"take_back:{posting_id}"


def take_back(
    club: ClubContext, *, customer_id: int, posting_id: int, reason: str, actor: Actor
) -> int:
    """Take a top-up back and return the id of the new posting; taking back twice is one taking back.

    Its author may within two minutes, a manager or the owner afterwards, with a reason. Raises OperationRefused:
    `customer_unknown`, `top_up_unknown`, `take_back_not_yours`, `take_back_too_late`, `invalid_fields` (reason),
    `top_up_spent` (with `left_tiyn`).
    """
    with club.write() as work:
        customer = lock_customer(work, customer_id)  # a purchase waits until this is settled
        posting, transfer = _top_up(work, customer, posting_id)
        done = ledger.find_posting(work.db, work.club_id, key_of(posting_id))
        if done is not None:
            return done.id
        if rules.is_payment(posting.key) or _was_paid_by_number(work, posting.id):
            # What Kaspi brought goes back by way of Kaspi, or the money would go back twice.
            raise OperationRefused("top_up_of_payment")
        free_reserve_of(work, customer_id, actor)
        debt_tiyn = _owed_again(work, customer, posting, actor)
        left_tiyn = ledger.balance(work.db, customer.balance_account_id)
        problem = rules.take_back_problem(
            rules.TopUpBooked(transfer.amount, left_tiyn, work.now - posting.at),
            by_author=(posting.actor_kind, posting.actor_id) == (actor.kind, actor.id),
            may_take_back_any=rights.may(actor.role, "take_back_money"),
            reason=reason,
        )
        _refuse(problem, left_tiyn)
        whole = ToppedUp(transfer.amount, loyalty.bonus_of_posting(work.db, posting_id))
        taken, for_bonus = bonuses.taking_back(work, customer, whole, transfer.amount)
        if taken is None:
            raise OperationRefused("top_up_bonus_spent", bonus_tiyn=whole.bonus_tiyn)
        reversed_id = ledger.post(
            work,
            key=key_of(posting_id),
            kind="top_up_taken_back",
            transfers=[ledger.backwards(transfer), *for_bonus],
            actor=actor,
            reason=reason.strip(),
        )
        journal.record(
            work,
            "customer.top_up_taken_back",
            actor,
            customer_id=customer_id,
            amount_tiyn=transfer.amount,
            posting_id=reversed_id,
            taken_back_posting_id=posting_id,
            **({"bonus_tiyn": taken.bonus_tiyn} if taken.bonus_tiyn else {}),
            **({"debt_tiyn": debt_tiyn} if debt_tiyn else {}),
            **({"for_bonus_tiyn": taken.money_tiyn} if taken.money_tiyn else {}),
            reason=reason.strip(),
        )
        # Nobody has money and a debt at once: what other money is there pays what is owed anew.
        owing.pay_first(work, customer, key=key_of(posting_id), actor=actor)
        balance_changed(work, customer_id, actor)
        work.tell(CustomerChanged(customer_id))
        return reversed_id


def _owed_again(work: Work, customer: Customer, posting: LedgerPosting, actor: Actor) -> int:
    """What the top-up paid of a debt is owed again; as spent, if the customer may not owe so much any more."""
    left_tiyn = ledger.balance(work.db, customer.balance_account_id)
    try:
        return owing.reopen(work, customer, key=posting.key, actor=actor)
    except OperationRefused as refusal:
        raise OperationRefused("top_up_spent", left_tiyn=left_tiyn) from refusal


def _refuse(problem: str, left_tiyn: int) -> None:
    if not problem:
        return
    if problem.startswith("reason_"):
        raise OperationRefused("invalid_fields", reason=problem)
    if problem == "top_up_spent":
        raise OperationRefused(problem, left_tiyn=left_tiyn)
    raise OperationRefused(problem)


def _top_up(
    work: Work, customer: Customer, posting_id: int
) -> tuple[LedgerPosting, LedgerTransfer]:
    found = work.db.execute(
        select(LedgerPosting, LedgerTransfer)
        .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
        .where(
            LedgerPosting.id == posting_id,
            LedgerPosting.club_id == work.club_id,
            LedgerPosting.kind == "top_up",
            LedgerTransfer.credit_account_id == customer.balance_account_id,
        )
    ).one_or_none()
    if found is None:
        raise OperationRefused("top_up_unknown")
    return found[0], found[1]


def _was_paid_by_number(work: Work, posting_id: int) -> bool:
    payment = select(Payment.id).where(Payment.posting_id == posting_id).limit(1)
    return work.db.scalar(payment) is not None
