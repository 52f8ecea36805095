"""What accounts are: their kinds, units, limits and whose they are, recounted from the rows."""

from collections.abc import Sequence

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from lovhub.server.ledger.accounts import ALL_KINDS, CLUB_KINDS, CUSTOMER_BALANCE, CUSTOMER_DEBT
from lovhub.server.ledger.difference import Difference
from lovhub.server.ledger.models import AccountBalance, LedgerAccount


def odd(db: Session) -> list[Difference]:
    """Accounts below their limit, and those that are not of a kind, unit and limit there is."""
    uneven = _uneven_kinds(db)
    return [*_limits(db, uneven), *_accounts(db, uneven)] if uneven else []


def _limits(db: Session, kinds: Sequence[str]) -> list[Difference]:
    """No account's limit was lowered or lifted, and none is broken. `kinds`: those to look at."""
    minimum = case(
        {kind.name: kind.minimum for kind in ALL_KINDS.values() if kind.minimum is not None},
        value=LedgerAccount.kind,
    )
    rows = db.execute(
        select(LedgerAccount.id, AccountBalance.balance, minimum)
        .join(AccountBalance, AccountBalance.account_id == LedgerAccount.id)
        .where(LedgerAccount.kind.in_(kinds), AccountBalance.balance < minimum)
    )
    return [Difference("limit", subject, kept, lowest) for subject, kept, lowest in rows]


def _uneven_kinds(db: Session) -> list[str]:
    """Kinds of which some account is not as it should be: to group all by all that they say takes twice as long."""
    rows = db.execute(
        select(
            LedgerAccount.kind,
            func.count(),
            func.count().filter(LedgerAccount.is_club),
            func.min(LedgerAccount.unit),
            func.max(LedgerAccount.unit),
            func.count(AccountBalance.account_id),
            func.count().filter(AccountBalance.of_customer),
            func.count(AccountBalance.minimum),
            func.min(AccountBalance.minimum),
            func.max(AccountBalance.minimum),
            func.min(AccountBalance.balance),
        )
        .outerjoin(AccountBalance, AccountBalance.account_id == LedgerAccount.id)
        .group_by(LedgerAccount.kind)
    )
    uneven = []
    for name, number, of_club, *units, balances, of_customers, limits, least, most, lowest in rows:
        kind = ALL_KINDS.get(name)
        if (
            kind is None
            or units != [kind.unit] * 2
            or of_club != number * (kind in CLUB_KINDS)
            or of_customers != balances * (kind == CUSTOMER_BALANCE)
            or (kind != CUSTOMER_DEBT and limits != balances * (kind.minimum is not None))
            or (kind != CUSTOMER_DEBT and limits and (least, most) != (kind.minimum,) * 2)
            or (kind.minimum is not None and balances and lowest < kind.minimum)
        ):
            uneven.append(name)
    return uneven


def _accounts(db: Session, kinds: Sequence[str]) -> list[Difference]:
    """Every account is of a kind there is, in its unit and with its limit; one of the club's own is the club's own.

    `kinds`: those to look at.
    """
    alike = (
        LedgerAccount.kind,
        LedgerAccount.unit,
        LedgerAccount.is_club,
        AccountBalance.minimum,
        AccountBalance.of_customer,
        AccountBalance.account_id.is_not(None),
    )
    rows = db.execute(
        select(*alike, func.min(LedgerAccount.id))
        .outerjoin(AccountBalance, AccountBalance.account_id == LedgerAccount.id)
        .where(LedgerAccount.kind.in_(kinds))
        .group_by(*alike)
    )
    found = []
    for name, unit, is_club, minimum, of_customer, has_balance, subject in rows:
        kind = ALL_KINDS.get(name)
        if (
            kind is None
            or kind.unit != unit
            or (kind in CLUB_KINDS) != is_club
            or (has_balance and of_customer != (kind == CUSTOMER_BALANCE))
            or (has_balance and kind != CUSTOMER_DEBT and minimum != kind.minimum)
        ):
            found.append(Difference("account", subject, 0, 0))
    return found
