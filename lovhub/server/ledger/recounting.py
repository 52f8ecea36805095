"""Rows beside the books that go on changing, and so cannot be sealed: what they say follows from what is.

A part of `check.py`.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from lovhub.server.club.models import Club
from lovhub.server.customers.models import Customer
from lovhub.server.journal.models import Event
from lovhub.server.ledger.accounts import CASH, CUSTOMER_BONUS, CUSTOMER_DEBT
from lovhub.server.ledger.difference import Difference
from lovhub.server.ledger.models import (
    AccountBalance,
    Desk,
    DeskPosting,
    LedgerAccount,
    LedgerPosting,
    LedgerTransfer,
)
from lovhub.server.lots.models import Lot
from lovhub.server.loyalty.models import PromoCode, PromoUse
from lovhub.server.payments.models import (
    BankDay,
    BankDayOperation,
    BankLine,
    Payment,
    PaymentStep,
    Refund,
)
from lovhub.server.payments.rules import (
    DAY_SECONDS,
    KEPT_DAY_AHEAD_SECONDS,
    PAID_STATES,
    STATES,
    bank_day,
)
from lovhub.server.shifts.models import Shift

_OF_THE_COUNT = ("shift_float", "shift_difference", "shift_to_safe")
"""Postings that a count of the drawer made, each under a key of its own."""


def shifts(db: Session) -> list[Difference]:
    """What was counted, expected and left in the drawer follows from the cash that moved in the shift."""
    cash: defaultdict[int, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for shift_id, key, tiyn in db.execute(_cash_of_shifts()):
        cash[shift_id][key] = int(tiyn)
    found = [
        Difference("shift", shift.id, kept, recomputed)
        for shift in db.scalars(select(Shift).order_by(Shift.id))
        for kept, recomputed in _said_of(shift, cash[shift.id])
        if kept != recomputed
    ]
    under_way = (
        select(Shift.id)
        .where(Shift.club_id == Desk.club_id, Shift.closed_at.is_(None))
        .scalar_subquery()
    )
    rows = db.execute(
        select(Desk.club_id, func.coalesce(Desk.open_shift_id, 0), func.coalesce(under_way, 0))
    )
    return found + [
        Difference("open_shift", club_id, kept, there)
        for club_id, kept, there in rows
        if kept != there
    ]


def _cash_of_shifts() -> Select[int, str, int]:
    """By shift: what came into the drawer, in one sum; and what each count of it booked, by its key."""
    drawer = select(LedgerAccount.id).where(
        LedgerAccount.is_club == true(), LedgerAccount.kind == CASH.name
    )
    came, went = LedgerTransfer.debit_account_id.in_(drawer), LedgerTransfer.credit_account_id.in_(drawer)  # fmt: skip
    key = case((LedgerPosting.kind.in_(_OF_THE_COUNT), LedgerPosting.key), else_=literal(""))
    return (
        select(
            DeskPosting.shift_id,
            key,
            func.sum(case((came, LedgerTransfer.amount), else_=-LedgerTransfer.amount)),
        )
        .join(LedgerPosting, LedgerPosting.id == DeskPosting.posting_id)
        .join(LedgerTransfer, LedgerTransfer.posting_id == DeskPosting.posting_id)
        .where(DeskPosting.shift_id.is_not(None), or_(came, went))
        .group_by(DeskPosting.shift_id, key)
    )


def _said_of(shift: Shift, cash: defaultdict[str, int]) -> Iterator[tuple[int, int]]:
    """Each sum that the shift's row keeps, and what it must be."""
    if shift.float_expected_tiyn is not None:
        yield shift.float_expected_tiyn, shift.float_tiyn - cash[f"shift:{shift.id}:opening"]
    if shift.closed_at is None:
        for sum_tiyn in (shift.counted_tiyn, shift.expected_tiyn, shift.left_tiyn):
            yield sum_tiyn or 0, 0
        return
    expected_tiyn = shift.float_tiyn + cash[""]
    yield shift.expected_tiyn or 0, expected_tiyn
    if shift.counted_tiyn is None:
        yield shift.left_tiyn or 0, expected_tiyn
        return
    counted_tiyn = expected_tiyn + cash[f"shift:{shift.id}:close"]
    yield shift.counted_tiyn, counted_tiyn
    yield shift.left_tiyn or 0, counted_tiyn + cash[f"shift:{shift.id}:safe"]


_SHIFT_KINDS = ("shift.opened", "shift.closed", "shift.forced")


def shifts_as_logged(db: Session) -> list[Difference]:
    """Who opened and closed a shift, when, and what was written to it stand in the log as well, which is sealed.

    A shift of which the log tells nothing is not compared.
    """
    logged = db.execute(
        select(Event.club_id, Event.at, Event.kind, Event.actor_id, cast(Event.data, String)).where(
            Event.club_id.in_(select(Club.id)), Event.kind.in_(_SHIFT_KINDS)
        )
    ).all()
    opened: dict[int, tuple[object, ...]] = {}
    closed: dict[int, tuple[object, ...]] = {}
    for club_id, at, kind, actor_id, text in logged:
        data = _parsed(text)
        shift_id, number = data.get("shift_id"), data.get("number")
        if not isinstance(shift_id, int):
            shift_id = 0  # there is none, so it is told
        if kind == "shift.opened":
            opened[shift_id] = (club_id, number, at, actor_id)
        else:
            closed[shift_id] = (at, actor_id, data.get("note"), data.get("hand_to"))
    wrong = set(opened.keys() | closed.keys())
    for shift in db.scalars(select(Shift)):
        wrong.discard(shift.id)
        of_opening = (shift.club_id, shift.number, shift.opened_at, shift.opened_by)
        of_closing = (shift.closed_at, shift.closed_by, shift.note, shift.handed_to)
        told = closed.get(shift.id, (None, None, "", None))
        is_told = shift.id in opened or shift.id in closed
        if is_told and (opened.get(shift.id, of_opening), told) != (of_opening, of_closing):
            wrong.add(shift.id)
    return [Difference("shift_log", shift_id, 0, 0) for shift_id in sorted(wrong)]


def _parsed(text: str) -> dict[str, Any]:
    """What an event says; nothing, where somebody has left no JSON of it: the chain tells of that."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def promo_codes(db: Session) -> list[Difference]:
    """A code is used up by the uses of its own gift alone."""
    uses = (
        select(PromoUse.promo_id, PromoUse.code_id, func.count().label("number"))
        .group_by(PromoUse.promo_id, PromoUse.code_id)
        .subquery()
    )
    is_its_own = and_(uses.c.code_id == PromoCode.id, uses.c.promo_id == PromoCode.promo_id)
    number = func.coalesce(uses.c.number, 0)
    rows = db.execute(
        select(PromoCode.id, PromoCode.used, number)
        .outerjoin(uses, is_its_own)
        .where(PromoCode.used != number)
    )
    return [Difference("promo", subject, kept, counted) for subject, kept, counted in rows]


def refunds(db: Session) -> list[Difference]:
    """A refund is rejected where its money came back into the books, and nowhere else."""
    undone = aliased(LedgerPosting)
    is_rejected, is_undone = Refund.state == "rejected", undone.id.is_not(None)
    rows = db.execute(
        select(Refund.id, is_rejected, is_undone)
        .join(Payment, Payment.id == Refund.payment_id)
        .outerjoin(Customer, Customer.id == Payment.customer_id)
        .outerjoin(
            undone,
            and_(
                undone.club_id == Refund.club_id,
                undone.key == literal("refund_rejected:") + cast(Refund.id, String),
            ),
        )
        # Of somebody who was forgotten meanwhile it comes back to nobody's balance.
        .where(is_rejected != is_undone, or_(is_undone, Customer.deleted_at.is_(None)))
    )
    return [Difference("refund", subject, kept, there) for subject, kept, there in rows]


def payments(db: Session) -> list[Difference]:
    """Where a payment stands follows from what went back of it; before it was credited, from its story."""
    given_back = (
        select(Refund.payment_id, func.sum(Refund.amount_tiyn).label("tiyn"))
        .where(Refund.state != "rejected")
        .group_by(Refund.payment_id)
        .subquery()
    )
    credited = case(
        (given_back.c.tiyn.is_(None), "paid"),
        (given_back.c.tiyn >= Payment.paid_tiyn, "refunded"),
        else_="partly_refunded",
    )
    last = (
        select(PaymentStep.kind)
        .where(
            PaymentStep.payment_id == Payment.id,
            PaymentStep.kind.in_(STATES - PAID_STATES),
        )
        .order_by(PaymentStep.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    wanted = case((Payment.posting_id.is_not(None), credited), else_=func.coalesce(last, "created"))
    rows = db.scalars(
        select(Payment.id)
        .outerjoin(given_back, given_back.c.payment_id == Payment.id)
        .where(Payment.state != wanted)
        .order_by(Payment.id)
    )
    return [Difference("payment", payment_id, 0, 0) for payment_id in rows]


def bank_days(db: Session) -> list[Difference]:
    """What is kept of a day's comparison with the bank adds up to the day's lines, however they have changed since."""
    kept = union_all(
        select(BankDay.club_id, BankDay.day_at, BankDay.ours_tiyn, BankDay.theirs_tiyn),
        select(
            BankDayOperation.club_id,
            BankDayOperation.day_at,
            BankDayOperation.ours_tiyn,
            BankDayOperation.theirs_tiyn,
        ),
    ).subquery()
    nothing: ColumnElement[int] = literal_column("0")
    lines = union_all(
        select(Payment.club_id, _kept_day(Payment.paid_at).label("day_at"), Payment.paid_tiyn.label("ours"),
               nothing.label("theirs")).where(Payment.paid_at.is_not(None), Payment.paid_tiyn > 0),
        select(Refund.club_id, _kept_day(Refund.asked_at), -Refund.amount_tiyn, nothing).where(
            Refund.state != "rejected"
        ),
        select(BankLine.club_id, _kept_day(BankLine.at), nothing, BankLine.amount_tiyn),
    ).subquery()  # fmt: skip
    of_days, of_lines = (
        select(*key, func.sum(ours).label("ours"), func.sum(theirs).label("theirs"))
        .group_by(*key)
        .subquery()
        for key, ours, theirs in (
            ((kept.c.club_id, kept.c.day_at), kept.c.ours_tiyn, kept.c.theirs_tiyn),
            ((lines.c.club_id, lines.c.day_at), lines.c.ours, lines.c.theirs),
        )
    )
    ours, theirs = func.coalesce(of_lines.c.ours, 0), func.coalesce(of_lines.c.theirs, 0)
    rows = db.execute(
        select(of_days, ours.label("our_lines"), theirs.label("their_lines"))
        .outerjoin(
            of_lines,
            and_(of_lines.c.club_id == of_days.c.club_id, of_lines.c.day_at == of_days.c.day_at),
        )
        .where(or_(of_days.c.ours != ours, of_days.c.theirs != theirs))
        .order_by(of_days.c.club_id, of_days.c.day_at)
    )
    found = []
    for row in rows:
        kept_tiyn, there_tiyn = (
            (row.ours, row.our_lines)
            if row.ours != row.our_lines
            else (row.theirs, row.their_lines)
        )
        day = f"{bank_day(row.day_at):%d.%m.%Y}"
        found.append(Difference("bank_day", row.day_at, int(kept_tiyn), int(there_tiyn), day))
    return found


def _kept_day(at: SQLColumnExpression[Any]) -> ColumnElement[int]:
    """As `payments.rules.kept_day`."""
    ahead: ColumnElement[int] = literal_column(str(KEPT_DAY_AHEAD_SECONDS))
    day: ColumnElement[int] = literal_column(str(DAY_SECONDS))
    moved = at + ahead
    return moved - moved % day - ahead


_NOT_UNIQUE = (
    Customer.bonus_account_id,
    Customer.debt_account_id,
    Lot.bonus_account_id,
    Lot.discount_account_id,
    Payment.credit_account_id,
)
"""Columns that may be empty and name an account; the other ones are unique by themselves."""


def owners(db: Session) -> list[Difference]:
    """No account is named by two rows: it would be the money of both."""
    named = union_all(
        *(select(column.label("account_id")).where(column.is_not(None)) for column in _NOT_UNIQUE)
    ).subquery()
    number = func.count()
    rows = db.execute(
        select(named.c.account_id, number).group_by(named.c.account_id).having(number > 1)
    )
    return [Difference("owners", account_id, owners_, 1) for account_id, owners_ in rows]


def of_no_account(db: Session) -> list[Difference]:
    """Every balance is of an account: what was an account's number is nobody's, if somebody gave it another."""
    rows = db.execute(
        select(AccountBalance.account_id, AccountBalance.balance).where(
            AccountBalance.account_id.not_in(select(LedgerAccount.id))
        )
    )
    return [Difference("balance", subject, kept, 0) for subject, kept in rows]


def of_customers(db: Session) -> list[Difference]:
    """What a customer's row names as the account of bonuses or of debt is one, though nothing ever moved in it."""
    rows = union_all(
        *(
            select(Customer.id, column)
            .outerjoin(LedgerAccount, LedgerAccount.id == column)
            .where(
                column.is_not(None),
                or_(LedgerAccount.kind.is_(None), LedgerAccount.kind != kind.name),
            )
            for column, kind in (
                (Customer.bonus_account_id, CUSTOMER_BONUS),
                (Customer.debt_account_id, CUSTOMER_DEBT),
            )
        )
    )
    return [
        Difference("no_account", customer_id, named or 0, 0)
        for customer_id, named in db.execute(rows)
    ]
