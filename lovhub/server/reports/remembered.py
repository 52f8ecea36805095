"""What time that is left and debts come to: counted once, and from then on moved by what has been booked since.

On SQLite transfers are numbered as they are committed, none is ever changed or removed, and a reader sees one picture.
So what was counted up to a transfer holds as long as that stands where it stood, and what is missing is in those after
it. On PostgreSQL one with a lower number may be committed later: there it is counted each time.
"""

from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Engine, ScalarSelect, bindparam, func, not_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from lovhub.server.club.models import Club
from lovhub.server.customers.belonging import sharing, whose
from lovhub.server.customers.models import Customer
from lovhub.server.database.prepared import Query
from lovhub.server.ledger.models import AccountBalance, LedgerTransfer
from lovhub.server.lots import by_minute
from lovhub.server.lots.models import Lot

MOST_SINCE = 5000
"""To read more transfers than this takes as long as to count anew."""


class Left(NamedTuple):
    """Time left in lots that nobody holds, the money in them, and what customers owe; of clubs that share customers."""

    seconds: int
    unplayed_tiyn: int
    debts_tiyn: int


class _Transfer(NamedTuple):
    id: int
    posting_id: int
    debit_account_id: int
    credit_account_id: int
    amount: int


_NOTHING = _Transfer(0, 0, 0, 0, 0)
"""The newest of an empty ledger."""


class _Kept(NamedTuple):
    newest: _Transfer
    left: Left


_kept: WeakKeyDictionary[Engine, dict[tuple[int, ...], _Kept]] = WeakKeyDictionary()

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

_TRANSFER = select(
    LedgerTransfer.id,
    LedgerTransfer.posting_id,
    LedgerTransfer.debit_account_id,
    LedgerTransfer.credit_account_id,
    LedgerTransfer.amount,
)
_NEWEST = Query(_TRANSFER.order_by(LedgerTransfer.id.desc()).limit(1))
_NUMBERED = Query(_TRANSFER.where(LedgerTransfer.id == bindparam("id")))


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
    engine = db.get_bind().engine
    if engine.dialect.name != "sqlite":
        return counted(db, club_id)
    clubs = tuple(_CLUBS.values(db, club=club_id))
    newest = _Transfer(*(_NEWEST.first(db) or _NOTHING))
    known = _kept.setdefault(engine, {}).get(clubs)
    if known is not None and newest == known.newest:
        return known.left
    if known is None or not _goes_on(db, known.newest, newest):
        found = counted(db, club_id)
    else:
        more = _SINCE.one(db, club=club_id, id=known.newest.id)
        found = Left(*(before + moved for before, moved in zip(known.left, more, strict=True)))
    _kept[engine][clubs] = _Kept(newest, found)
    return found


def _goes_on(db: Session, known: _Transfer, newest: _Transfer) -> bool:
    """Whether the ledger goes on from where it was, and not far. It does not where another file lies in its place."""
    if not known.id < newest.id <= known.id + MOST_SINCE:
        return False
    return known == _NOTHING or known == _NUMBERED.first(db, id=known.id)


def counted(db: Session, club_id: int) -> Left:
    """The same from the balances alone, one by one."""
    seconds, unplayed_tiyn = _IN_LOTS.one(db, club=club_id)
    debts_tiyn = _IN_DEBT.value(db, club=club_id)
    return Left(int(seconds or 0), int(unplayed_tiyn or 0), int(debts_tiyn or 0))
