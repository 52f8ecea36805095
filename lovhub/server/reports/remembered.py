"""What time that is left and debts come to: counted once, and from then on moved by what has been booked since."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, func, not_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from lovhub.server.club.models import Club
from lovhub.server.customers.belonging import sharing, whose
from lovhub.server.customers.models import Customer
from lovhub.server.database.prepared import Query
from lovhub.server.database.remembering import Remembered
from lovhub.server.ledger.models import AccountBalance, LedgerTransfer
from lovhub.server.lots import by_minute
from lovhub.server.lots.models import Lot


class Left(NamedTuple):
    """Time left in lots that nobody holds, the money in them, and what customers owe; of clubs that share customers."""

    seconds: int
    unplayed_tiyn: int
    debts_tiyn: int


KEPT: Remembered[tuple[int, ...], Left] = Remembered(
    LedgerTransfer.id,
    LedgerTransfer.posting_id,
    LedgerTransfer.debit_account_id,
    LedgerTransfer.credit_account_id,
    LedgerTransfer.amount,
    # To read more transfers takes as long as to count anew.
    most_since=5000,
)
"""By the clubs that share customers."""

_CLUBS = Query(sharing(bindparam("club")).order_by(Club.id))


def _in_lots() -> Query[int | None, int | None]:
    available, unearned = aliased(AccountBalance), aliased(AccountBalance)
    return Query(
        select(func.sum(available.balance), func.sum(unearned.balance))
        .select_from(Lot)
        .join(available, available.account_id == Lot.available_account_id)
        .join(unearned, unearned.account_id == Lot.unearned_account_id)
        .where(Lot.club_id.in_(sharing(bindparam("club"))), not_(Lot.exhausted))
    )


_IN_LOTS = _in_lots()
_IN_DEBT = Query(
    select(-func.sum(AccountBalance.balance))
    .select_from(Customer)
    .join(AccountBalance, AccountBalance.account_id == Customer.debt_account_id)
    # By the debts there are: SQLite would rather go through all customers of the club.
    .where(Customer.club_id + 0 == whose(bindparam("club")), Customer.debt_account_id.is_not(None))
)


def _since() -> Query[int, int, int]:
    later = LedgerTransfer.id > bindparam("id")
    moved = union_all(
        select(
            LedgerTransfer.debit_account_id.label("account_id"),
            (-LedgerTransfer.amount).label("amount"),
        ).where(later),
        select(LedgerTransfer.credit_account_id, LedgerTransfer.amount).where(later),
    ).cte("moved")

    def on(
        account_id: InstrumentedAttribute[Any], *which: ColumnElement[bool]
    ) -> ScalarSelect[int]:
        return (
            select(func.coalesce(func.sum(moved.c.amount), 0))
            .select_from(moved)
            .join(account_id.class_, account_id == moved.c.account_id)
            .where(*which)
            .scalar_subquery()
        )

    # A sitting by the minute leases and plays what no lot with time has.
    lots = (Lot.club_id.in_(sharing(bindparam("club"))), Lot.kind != by_minute.KIND)
    return Query(
        select(
            on(Lot.available_account_id, *lots),
            on(Lot.unearned_account_id, *lots),
            -on(Customer.debt_account_id, Customer.club_id == whose(bindparam("club"))),
        )
    )


_SINCE = _since()


def left(db: Session, club_id: int) -> Left:
    """All that is left now, as `counted` says it. `db` has written nothing itself."""

    def carry_on(known: Left, after: int) -> Left:
        moved = _SINCE.one(db, club=club_id, id=after)
        return Left(*(before + more for before, more in zip(known, moved, strict=True)))

    clubs = tuple(_CLUBS.values(db, club=club_id))
    return KEPT.get(db, clubs, lambda: counted(db, club_id), carry_on)


def counted(db: Session, club_id: int) -> Left:
    """The same from the balances alone, one by one."""
    seconds, unplayed_tiyn = _IN_LOTS.one(db, club=club_id)
    debts_tiyn = _IN_DEBT.value(db, club=club_id)
    return Left(int(seconds or 0), int(unplayed_tiyn or 0), int(debts_tiyn or 0))
