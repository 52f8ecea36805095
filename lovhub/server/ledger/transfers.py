"""Transfers beside what they are of: their accounts, what is kept as those accounts' balances, and their postings."""

from operator import attrgetter
from typing import get_args

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from lovhub.server.club.models import Club
from lovhub.server.ledger.accounts import Unit
from lovhub.server.ledger.difference import Difference
from lovhub.server.ledger.models import (
    AccountBalance,
    LedgerAccount,
    LedgerPosting,
    LedgerTransfer,
)

_UNITS = {unit: number for number, unit in enumerate(get_args(Unit))}


def odd(db: Session) -> list[Difference]:
    """Balances that are not the sum of their transfers, and transfers that go astray, each in order of their ids."""
    unequal, are_of_accounts = _balances(db, by_unit=True)
    # Each transfer beside its posting and both accounts takes three quarters of what all sums take, so that they are
    # looked at one by one only where the sums, the postings' order or the clubs do not tell that none can be astray.
    is_sure = are_of_accounts and _are_all_of_postings(db) and _is_all_of_one_club(db)
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
    credit, debit = LedgerTransfer.credit_account_id, LedgerTransfer.debit_account_id
    unit = _number_of(LedgerTransfer.unit) if by_unit else literal(0)
    moved = union_all(
        select((credit * len(_UNITS) + unit).label("account_and_unit"), LedgerTransfer.amount),
        select(debit * len(_UNITS) + unit, -LedgerTransfer.amount),
    ).subquery()
    total = (
        select(moved.c.account_and_unit, func.sum(moved.c.amount).label("amount"))
        .group_by(moved.c.account_and_unit)
        .subquery()
    )
    account_id = total.c.account_and_unit // len(_UNITS)
    of_unit = total.c.account_and_unit % len(_UNITS)
    is_known = func.coalesce(
        _number_of(LedgerAccount.unit) == of_unit if by_unit else LedgerAccount.id.is_not(None),
        false(),
    )
    kept = func.coalesce(AccountBalance.balance, 0)
    rows = db.execute(
        select(account_id, kept, total.c.amount, is_known)
        .outerjoin_from(total, LedgerAccount, LedgerAccount.id == account_id)
        .outerjoin(AccountBalance, AccountBalance.account_id == account_id)
        .where(or_(kept != total.c.amount, ~is_known))
    ).all()
    never_moved = select(AccountBalance.account_id, AccountBalance.balance).where(
        AccountBalance.balance != 0,
        ~exists().where(debit == AccountBalance.account_id),
        ~exists().where(credit == AccountBalance.account_id),
    )
    unequal = [
        *(Difference("balance", id_, has, int(sum_)) for id_, has, sum_, is_told in rows if is_told),
        *(Difference("balance", id_, has, 0) for id_, has in db.execute(never_moved)),
    ]  # fmt: skip
    return unequal, all(is_told for *_, is_told in rows)


def _number_of(unit: InstrumentedAttribute[str]) -> ColumnElement[int]:
    """None, where there is no such unit."""
    return case(_UNITS, value=unit)


def _are_all_of_postings(db: Session) -> bool:
    """Whether there is a posting for each transfer."""
    # One index beside the other; in SQLite "not exists" takes more than three times as long.
    without = (
        select(LedgerTransfer.posting_id)
        .outerjoin(LedgerPosting, LedgerPosting.id == LedgerTransfer.posting_id)
        .where(LedgerPosting.id.is_(None))
        .limit(1)
    )
    return db.execute(without).first() is None


def _is_all_of_one_club(db: Session) -> bool:
    """Whether all accounts and postings are of one club."""
    ends = [
        db.scalar(select(end(of.club_id)))
        for of in (LedgerAccount, LedgerPosting)
        for end in (func.min, func.max)
    ]
    return len({*ends} - {None}) <= 1


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
