"""Money that goes back to the payer.

First the balance is debited, in one transaction with the refund's row: what is on its way back cannot be spent. Then
the provider is asked, outside of any transaction. If it says no, the money returns to the balance; if it says
nothing, the refund is `unknown` and stays debited, since it may have been done: a person looks, and nothing is
sent a second time by itself.
"""

from dataclasses import dataclass

from sqlalchemy import func, select

from lovhub.server.actor import Actor
from lovhub.server.bus import CustomerChanged
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers import owing
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CUSTOMER_BALANCE, DESK_CREDIT, KASPI
from lovhub.server.ledger.models import LedgerTransfer
from lovhub.server.loyalty import bonuses
from lovhub.server.loyalty import queries as loyalty_queries
from lovhub.server.loyalty import rules as loyalty
from lovhub.server.loyalty.rules import TakenBack, ToppedUp
from lovhub.server.payments import rules
from lovhub.server.payments.asking import answer_of, log_no_answer
from lovhub.server.payments.models import Payment, PaymentStep, Refund
from lovhub.server.payments.providers.contract import (
    OutcomeUnknown,
    PaymentProvider,
    Refunded,
    Rejected,
)
from lovhub.server.payments.rows import BANK, ask_again, note, payer
from lovhub.server.payments.settings import Payments
from lovhub.server.sessions.reserve import balance_changed, free_reserve_of, lock_sittings_of

LONGEST_REASON = 200


@dataclass(frozen=True)
class _Asked:
    """`provider` None: nobody is to be asked, now or any more."""

    refund_id: int
    provider_ref: str
    provider: PaymentProvider | None


def refund(
    club: ClubContext,
    payments: Payments,
    *,
    payment_id: int,
    amount_tiyn: int,
    reason: str,
    key: str,
    actor: Actor,
) -> Refund:
    """Give back part or all of a payment; the same `key` again gives nothing more.

    Where its provider cannot refund, or is no longer at work, the money was given back in Kaspi's own program, and
    is only booked here. Raises OperationRefused: `payment_unknown`, `payment_not_paid`, `refund_out_of_range`,
    `refund_spent` (with `left_tiyn`), `refund_of_sale`, `invalid_fields` (reason), `key_reused`.
    """
    reason = reason.strip()
    if not reason:
        raise OperationRefused("invalid_fields", reason="reason_missing")
    if len(reason) > LONGEST_REASON:
        raise OperationRefused("invalid_fields", reason="reason_too_long")
    asked = _debit(
        club,
        payments,
        payment_id=payment_id,
        amount_tiyn=amount_tiyn,
        reason=reason,
        key=key,
        actor=actor,
    )
    if (provider := asked.provider) is not None:
        answer: Refunded | Rejected | None = None
        try:
            answer = answer_of(lambda: provider.refund(asked.provider_ref, amount_tiyn, key))
        except Rejected as rejected:
            answer = rejected
        except OutcomeUnknown as error:
            log_no_answer(error, payment_id, asked="refund")
        _take_answer(club, asked.refund_id, answer)
    with club.read() as db:
        return db.get_one(Refund, asked.refund_id)


def _debit(
    club: ClubContext,
    payments: Payments,
    *,
    payment_id: int,
    amount_tiyn: int,
    reason: str,
    key: str,
    actor: Actor,
) -> _Asked:
    with club.write() as work:
        payment = locked(work, payment_id)
        known = work.db.scalars(
            select(Refund).where(Refund.club_id == work.club_id, Refund.key == key)
        ).one_or_none()
        if known is not None:
            if (known.payment_id, known.amount_tiyn) != (payment_id, amount_tiyn):
                raise OperationRefused("key_reused")
            return _Asked(known.id, payment.provider_ref, None)
        source = _source(work, payment)
        if source is None:
            sold = payment.customer_id is None
            raise OperationRefused("refund_of_sale" if sold else "customer_unknown")
        if payment.customer_id is not None:
            free_reserve_of(work, payment.customer_id, actor)
        balance_tiyn = ledger.balance(work.db, source.id)
        problem = rules.refund_problem(
            payment.state,
            paid_tiyn=payment.paid_tiyn,
            given_back_tiyn=given_back_tiyn(work, payment),
            amount_tiyn=amount_tiyn,
            balance_tiyn=balance_tiyn,
        )
        if problem == "refund_spent":
            raise OperationRefused(problem, left_tiyn=balance_tiyn)
        if problem:
            raise OperationRefused(problem)
        taken, for_bonus = _for_bonus(work, payment, amount_tiyn)
        posting_id = ledger.post(
            work,
            key=f"refund:{key}",
            kind="payment_refunded",
            transfers=[
                ledger.Transfer(
                    debit=source,
                    credit=ledger.club_account(work, KASPI),
                    amount=amount_tiyn,
                ),
                *for_bonus,
            ],
            actor=actor,
            reason=reason,
        )
        provider = payments.named(payment.provider)
        if provider is not None and not provider.caps.refund:
            provider = None
        state = "by_hand" if provider is None else "asked"
        row = Refund(
            club_id=work.club_id,
            payment_id=payment_id,
            key=key,
            amount_tiyn=amount_tiyn,
            bonus_tiyn=taken.in_all_tiyn,
            state=state,
            reason=reason,
            posting_id=posting_id,
            asked_at=work.now,
        )
        work.db.add(row)
        work.db.flush()
        if payment.customer_id is not None:
            balance_changed(work, payment.customer_id, actor)
        _restate(work, payment)
        ask_again(work, payment)
        note(
            work,
            payment,
            f"refund_{state}",
            actor,
            amount_tiyn=amount_tiyn,
            refund_id=row.id,
            reason=reason,
        )
        journal.record(
            work,
            "payment.refund_asked",
            actor,
            customer_id=payment.customer_id,
            payment_id=payment_id,
            amount_tiyn=amount_tiyn,
            reason=reason,
        )
        _tell(work, payment)
        return _Asked(row.id, payment.provider_ref, provider)


def _take_answer(club: ClubContext, refund_id: int, answer: Refunded | Rejected | None) -> None:
    with club.write() as work:
        payment = locked(work, work.db.get_one(Refund, refund_id).payment_id)
        row = work.db.get_one(Refund, refund_id, populate_existing=True)
        if row.state == "rejected" and isinstance(answer, Refunded):
            # While the provider was thinking, a person said that it was not done: now it went back twice.
            journal.raise_alarm(work, "payment_refunded_elsewhere", payment_id=payment.id)
            note(work, payment, "refunded_elsewhere", BANK, amount_tiyn=row.amount_tiyn)
        if row.state != "asked":
            return  # the provider told of it faster than it answered
        if answer is None:
            row.state = "unknown"
            note(work, payment, "refund_unknown", BANK, refund_id=row.id)
            journal.raise_alarm(work, "payment_refund_unknown", payment_id=payment.id)
        elif isinstance(answer, Rejected):
            _undo(work, payment, row, answer.detail)
        else:
            row.state, row.provider_ref = answer.state, answer.provider_ref
            note(
                work,
                payment,
                f"refund_{answer.state}",
                BANK,
                refund_id=row.id,
                amount_tiyn=row.amount_tiyn,
            )


def decide_unknown(club: ClubContext, *, refund_id: int, was_done: bool, actor: Actor) -> None:
    """A person has looked in Kaspi whether an unanswered refund was done; saying so twice is saying so once.

    Raises OperationRefused: `payment_unknown`.
    """
    with club.write() as work:
        found = work.db.get(Refund, refund_id)
        if found is None or found.club_id != work.club_id:
            raise OperationRefused("payment_unknown")
        payment = locked(work, found.payment_id)
        row = work.db.get_one(Refund, refund_id, populate_existing=True)
        if row.state not in {"unknown", "asked", "pending"}:
            return
        if was_done:
            row.state = "done"
            note(work, payment, "refund_done", actor, refund_id=row.id, amount_tiyn=row.amount_tiyn)
        else:
            _undo(work, payment, row, "")
        journal.record(
            work,
            "payment.refund_decided",
            actor,
            customer_id=payment.customer_id,
            payment_id=payment.id,
            amount_tiyn=row.amount_tiyn,
            was_done=was_done,
        )


def _undo(work: Work, payment: Payment, row: Refund, detail: str) -> None:
    """The money stays in the club: it, and what was taken for its bonus, go back to where they came from."""
    row.state = "rejected"
    source = _source(work, payment)
    if source is None:
        journal.raise_alarm(work, "payment_refund_unknown", payment_id=payment.id)
        return
    if payment.customer_id is not None:
        lock_sittings_of(work, payment.customer_id)
    ledger.post(
        work,
        key=f"refund_rejected:{row.id}",
        kind="payment_refund_rejected",
        transfers=_backwards(work, row.posting_id),
        actor=BANK,
    )
    work.db.flush()
    customer = payer(work, payment.customer_id)
    if customer is not None:
        owing.pay_first(work, customer, key=f"refund_rejected:{row.id}", actor=BANK)
    if payment.customer_id is not None:
        balance_changed(work, payment.customer_id, BANK)
    _restate(work, payment)
    note(
        work,
        payment,
        "refund_rejected",
        BANK,
        refund_id=row.id,
        amount_tiyn=row.amount_tiyn,
        detail=detail,
    )
    _tell(work, payment)


def _source(work: Work, payment: Payment) -> ledger.Account | None:
    """Where the money of a payment is: on a balance, or waiting as a guest's credit; None where it is in neither."""
    customer = payer(work, payment.customer_id)
    if customer is not None:
        return ledger.Account(customer.balance_account_id, CUSTOMER_BALANCE.unit)
    if payment.customer_id is None and payment.credit_account_id is not None:
        return ledger.Account(payment.credit_account_id, DESK_CREDIT.unit)
    return None


def _tell(work: Work, payment: Payment) -> None:
    if payment.customer_id is not None:
        work.tell(CustomerChanged(payment.customer_id))


def _backwards(work: Work, posting_id: int) -> list[ledger.Transfer]:
    """What undoes a posting."""
    rows = work.db.scalars(
        select(LedgerTransfer)
        .where(LedgerTransfer.posting_id == posting_id)
        .order_by(LedgerTransfer.id)
    )
    return [ledger.backwards(row) for row in rows]


def _for_bonus(
    work: Work, payment: Payment, amount_tiyn: int
) -> tuple[TakenBack, list[ledger.Transfer]]:
    """What a refund takes for the bonus of the top-up that the payment was; a guest had none."""
    customer = payer(work, payment.customer_id)
    if customer is None:
        return TakenBack(0, 0), []
    top_up = _topped_up(work, payment)
    taken, transfers = bonuses.taking_back(work, customer, top_up, amount_tiyn)
    if taken is None:
        most_tiyn = loyalty.most_to_give_back(top_up, bonuses.purse(work, customer))
        raise OperationRefused("refund_bonus_spent", left_tiyn=most_tiyn)
    return taken, transfers


def _topped_up(work: Work, payment: Payment) -> ToppedUp:
    """The top-up that a payment became, and what has been given back of it."""
    bonus_back = work.db.scalars(
        select(func.coalesce(func.sum(Refund.bonus_tiyn), 0)).where(
            Refund.payment_id == payment.id, Refund.state != "rejected"
        )
    ).one()
    bonus = 0
    if payment.posting_id is not None:
        bonus = loyalty_queries.bonus_of_posting(work.db, payment.posting_id)
    return ToppedUp(payment.paid_tiyn, bonus, given_back_tiyn(work, payment), int(bonus_back))


def confirm_refunds(work: Work, payment: Payment, refunded_tiyn: int) -> None:
    """The provider says how much has gone back in all: refunds under way are done, as far as it reaches.

    More than was ever asked for here went back by somebody's hand in Kaspi's own program: an alarm, since the
    customer still has the money on the balance.
    """
    if payment.posting_id is None:
        return
    rows = work.db.scalars(
        select(Refund)
        .where(Refund.payment_id == payment.id, Refund.state != "rejected")
        .order_by(Refund.id)
    ).all()
    left = refunded_tiyn
    for row in rows:
        left -= row.amount_tiyn
        if row.state in {"asked", "pending", "unknown"} and left >= 0:
            row.state = "done"
            note(work, payment, "refund_done", BANK, refund_id=row.id, amount_tiyn=row.amount_tiyn)
    if left > 0 and not _was_told(work, payment, left):
        journal.raise_alarm(work, "payment_refunded_elsewhere", payment_id=payment.id)
        note(work, payment, "refunded_elsewhere", BANK, amount_tiyn=left)


def add_refund(work: Work, payment: Payment, gone_back_tiyn: int) -> None:
    """The provider tells of one refund, and not how much has gone back in all: what it has told is added up."""
    note(work, payment, "refund_told", BANK, amount_tiyn=gone_back_tiyn)
    work.db.flush()
    told = work.db.scalars(
        select(PaymentStep.data).where(
            PaymentStep.payment_id == payment.id, PaymentStep.kind == "refund_told"
        )
    )
    confirm_refunds(work, payment, sum(int(data["amount_tiyn"]) for data in told))


def _was_told(work: Work, payment: Payment, elsewhere_tiyn: int) -> bool:
    steps = work.db.scalars(
        select(PaymentStep).where(
            PaymentStep.payment_id == payment.id, PaymentStep.kind == "refunded_elsewhere"
        )
    )
    return any(step.data.get("amount_tiyn") == elsewhere_tiyn for step in steps)


def locked(work: Work, payment_id: int) -> Payment:
    """The payment, locked; refused with `payment_unknown`."""
    payment = work.db.scalars(
        select(Payment)
        .where(Payment.id == payment_id, Payment.club_id == work.club_id)
        .with_for_update()
    ).one_or_none()
    if payment is None:
        raise OperationRefused("payment_unknown")
    return payment


def given_back_tiyn(work: Work, payment: Payment) -> int:
    """What has gone back, or is on its way."""
    return work.db.scalars(
        select(func.coalesce(func.sum(Refund.amount_tiyn), 0)).where(
            Refund.payment_id == payment.id, Refund.state != "rejected"
        )
    ).one()


def _restate(work: Work, payment: Payment) -> None:
    given_back = given_back_tiyn(work, payment)
    if given_back == 0:
        payment.state = "paid"
    else:
        payment.state = "refunded" if given_back >= payment.paid_tiyn else "partly_refunded"
