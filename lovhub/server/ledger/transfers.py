"""Transfers beside what they are of: their accounts, what is kept as those accounts' balances, and their postings."""

from operator import attrgetter
from typing import get_args

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    except_,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from lovhub.server.club.models import Club
from lovhub.server.ledger.accounts import Unit
from lovhub.server.ledger.difference import Difference
from lovhub.server.ledger.misfits import MOST
from lovhub.server.ledger.models import (
    AccountBalance,
    LedgerAccount,
    LedgerPosting,
    LedgerTransfer,
)

_UNITS = {unit: number for number, unit in enumerate(get_args(Unit))}


def odd(db: Session) -> list[Difference]:
    """Balances that are not the sum of their transfers, and transfers that go astray, each in order of their ids.

    What is asked is answered from the tables themselves: an index may be made to say something else. So each question
    names a column that no index of its has.
    """
    unequal, are_of_accounts = _balances(db, by_unit=True)
    # Each transfer beside its posting and both accounts takes three quarters of what all sums take, so that they are
    # looked at one by one only where sums, postings and clubs do not tell that none can be astray.
    is_sure = are_of_accounts and _are_of_postings_of_one_club(db)
    if not are_of_accounts:
        # A balance is of all its transfers, be their unit another one.
        unequal, _ = _balances(db, by_unit=False)
    by_id = attrgetter("subject")
    return [*sorted(unequal, key=by_id), *sorted([] if is_sure else _strays(db), key=by_id)]


def _balances(db: Session, *, by_unit: bool) -> tuple[list[Difference], bool]:
    """Every balance kept equals the sum of its account's transfers; and whether all of these are of accounts there are.

    `by_unit`: of accounts in the transfer's unit. What is of another is summed apart then.
    """
    # Summed side by side before accounts are looked at: joined first, each account is told by as many rows as it has
    # transfers, which takes more than twice as long. By one number for account and unit: to sort by both takes half as
    # long again.
    units = len(_UNITS) if by_unit else 1
    credit, debit = LedgerTransfer.credit_account_id, LedgerTransfer.debit_account_id
    unit = _number_of(LedgerTransfer.unit) if by_unit else literal(0)
    moved = union_all(
        select((credit * units + unit).label("number"), LedgerTransfer.amount),
        select(debit * units + unit, -LedgerTransfer.amount),
    ).subquery()
    total = (
        select(moved.c.number, func.coalesce(func.sum(moved.c.amount), 0).label("amount"))
        .group_by(moved.c.number)
        .cte("total")
    )
    account_id = total.c.number // units
    # Twice a greater number, and SQLite would round it.
    is_exact = total.c.number.between(-units * MOST, units * MOST)
    is_known = func.coalesce(
        and_(is_exact, _number_of(LedgerAccount.unit) == total.c.number % units)
        if by_unit
        else LedgerAccount.id.is_not(None),
        false(),
    )
    kept = func.coalesce(AccountBalance.balance, 0)
    beside = (
        select(
            account_id.label("id"), kept.label("kept"), total.c.amount, is_known.label("is_told")
        )
        .outerjoin_from(total, LedgerAccount, LedgerAccount.id == account_id)
        .outerjoin(AccountBalance, AccountBalance.account_id == account_id)
        .where(or_(kept != total.c.amount, ~is_known))
    )
    # As a difference of sets: "not in" would be asked of PostgreSQL row by row once its memory does not hold them all.
    never_moved = except_(
        select(AccountBalance.account_id).where(AccountBalance.balance != 0), select(account_id)
    ).subquery()
    idle = (
        select(AccountBalance.account_id, AccountBalance.balance, literal(0), true())
        .join(never_moved, never_moved.c.account_id == AccountBalance.account_id)
        .join(LedgerAccount, LedgerAccount.id == AccountBalance.account_id)
    )
    rows = db.execute(union_all(beside, idle)).all()
    unequal = [
        Difference("balance", id_, has, int(sum_)) for id_, has, sum_, is_told in rows if is_told
    ]
    return unequal, all(is_told for *_, is_told in rows)


def _number_of(unit: InstrumentedAttribute[str]) -> ColumnElement[int]:
    """None, where there is no such unit."""
    return case(_UNITS, value=unit)


def _are_of_postings_of_one_club(db: Session) -> bool:
    """Whether there is a posting for each transfer, and all of these and all accounts are of one club."""
    *of_accounts, _kind = db.execute(
        select(
            func.min(LedgerAccount.club_id),
            func.max(LedgerAccount.club_id),
            func.max(LedgerAccount.kind),
        )
    ).one()
    if len({*of_accounts}) > 1:
        return False  # before all transfers are gone through
    transfers, with_posting, _amounts, *of_postings = db.execute(
        select(
            func.count(),
            func.count(LedgerPosting.id),
            func.count(LedgerTransfer.amount),
            func.min(LedgerPosting.club_id),
            func.max(LedgerPosting.club_id),
        )
        .select_from(LedgerTransfer)
        .outerjoin(LedgerPosting, LedgerPosting.id == LedgerTransfer.posting_id)
    ).one()
    clubs = {*of_accounts, *of_postings} - {None}
    return bool(transfers == with_posting) and len(clubs) <= 1


def _strays(db: Session) -> list[Difference]:
    """Every transfer is of a posting, between accounts of that posting's club and of the transfer's unit.

    Of clubs that share their customers, a customer's accounts are of each.
    """
    debit, credit = aliased(LedgerAccount), aliased(LedgerAccount)
    sharing = dict(iter(db.execute(_WHOSE)))
    wrong_unit = or_(debit.unit != LedgerTransfer.unit, credit.unit != LedgerTransfer.unit)
    rows = db.execute(
        select(LedgerTransfer.id, LedgerTransfer.amount, wrong_unit)
        .outerjoin(LedgerPosting, LedgerPosting.id == LedgerTransfer.posting_id)
        .outerjoin(debit, debit.id == LedgerTransfer.debit_account_id)
        .outerjoin(credit, credit.id == LedgerTransfer.credit_account_id)
        .where(
            or_(
                LedgerPosting.id.is_(None),
                debit.id.is_(None),
                credit.id.is_(None),
                _is_of_another_club(debit, sharing),
                _is_of_another_club(credit, sharing),
                wrong_unit,
            )
        )
    )
    return [
        Difference("unit" if is_of_another_unit else "stray", subject, amount, 0)
        for subject, amount, is_of_another_unit in rows
    ]


_WHOSE = select(Club.id, func.coalesce(Club.customers_of, Club.id))


def _is_of_another_club(
    account: type[LedgerAccount], sharing: dict[int, int]
) -> ColumnElement[bool]:
    is_apart = account.club_id != LedgerPosting.club_id
    if len(set(sharing.values())) == len(sharing):
        return is_apart
    whose, own = case(sharing, value=account.club_id), case(sharing, value=LedgerPosting.club_id)
    return and_(is_apart, or_(account.is_club, whose != own))
