"""What guests have paid for and nobody plays."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Subquery,
    and_,
    case,
    cast,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from lovhub.server.computers.models import Computer
from lovhub.server.database import keyset
from lovhub.server.database.keyset import AnyRow, Order, Part, Place, Sorts
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.models import AccountBalance, DeskPosting
from lovhub.server.lots.models import Lot
from lovhub.server.sessions.models import PlaySession, SeatCode

PAGE_SIZE = 50
_LONGEST_NUMBER = 12

SORTS = Sorts({"at": Lot.sold_at}, Lot.id, default="-at")
"""What the list may be sorted by."""


@dataclass(frozen=True)
class WaitingTime:
    """What one guest has paid for and does not play: one purchase, or all that is left of a sitting (`lots` of them).

    `code_until` None: there is no code that could be typed. `computer`: the one at which the code is good; "" for any.
    `oldest_at`, `newest_at`: when the first and the latest of it were sold.
    """

    lot_id: int
    sold_at: int
    receipt_number: int | None
    title: str
    guest_name: str
    computer: str
    lots: int
    seconds: int
    amount_tiyn: int
    code_until: int | None
    oldest_at: int
    newest_at: int


def page(
    db: Session,
    club_id: int,
    *,
    now: int,
    search: str = "",
    code_hash: bytes = b"",
    order: Order | None = None,
    place: Place | None = None,
    limit: int = PAGE_SIZE,
) -> Part[WaitingTime]:
    """All of it, the newest first if not said otherwise. One statement.

    `search`: a receipt's number or a part of the guest's name; `code_hash`: of the code that they show, old or not.
    """
    waiting = _waiting(club_id, now)
    statement = select(*(waiting.c[field.name] for field in fields(WaitingTime))).where(
        waiting.c.nth == 1
    )
    if search:
        statement = statement.where(_fits(waiting, search, code_hash))
    asked = order or SORTS.order()
    by = Order(asked.name, waiting.c.sold_at, waiting.c.lot_id, descending=asked.descending)
    return keyset.part(db, statement, by, place, limit, _rows)


def get(db: Session, club_id: int, lot_id: int, now: int) -> WaitingTime:
    """What one lot belongs to; OperationRefused("guest_time_unknown") where nothing of it waits."""
    waiting = _waiting(club_id, now)
    first = select(waiting.c.whose).where(waiting.c.lot_id == lot_id).scalar_subquery()
    found = db.execute(
        select(*(waiting.c[field.name] for field in fields(WaitingTime))).where(
            waiting.c.nth == 1, waiting.c.whose == first
        )
    ).all()
    if not found:
        raise OperationRefused("guest_time_unknown")
    return _rows(found)[0]


def owed_tiyn(db: Session, club_id: int, now: int) -> int:
    """What the club owes for all of it."""
    waiting = _waiting(club_id, now)
    owed = select(func.coalesce(func.sum(waiting.c.amount_tiyn), 0)).where(waiting.c.nth == 1)
    return int(db.scalar(owed) or 0)


def _rows(found: Sequence[AnyRow]) -> list[WaitingTime]:
    return [
        WaitingTime(*(getattr(row, field.name) for field in fields(WaitingTime))) for row in found
    ]


def _fits(waiting: Subquery, search: str, code_hash: bytes) -> ColumnElement[bool]:
    name = search.replace("\0", "")
    found = [
        # Neither database finds «иван» in «Иван»; a name is written in one of these ways.
        *(
            waiting.c.guest_name.contains(written, autoescape=True)
            for written in {name, name.lower(), name.upper(), name.title()}
        ),
        waiting.c.whose.in_(
            select(_whose())
            .join(SeatCode, SeatCode.lot_id == Lot.id)
            .where(SeatCode.code_hash == code_hash)
        ),
    ]
    if search.isascii() and search.isdecimal() and len(search) <= _LONGEST_NUMBER:
        found.append(waiting.c.receipt_number == int(search))
    return or_(*found)


def _whose() -> ColumnElement[int]:
    """What belongs together: all lots of a sitting, or one that nobody has sat down with."""
    return func.coalesce(Lot.guest_session_id, -Lot.id)


def _waiting(club_id: int, now: int) -> Subquery:
    """Each lot of a guest's that nobody plays, with the sums of all that belong together; `nth` 1: the first."""
    left, owed = aliased(AccountBalance), aliased(AccountBalance)
    whose = _whose()
    is_good = and_(SeatCode.used_at.is_(None), SeatCode.expires_at > now)
    return (
        select(
            Lot.id.label("lot_id"),
            whose.label("whose"),
            func.row_number().over(partition_by=whose, order_by=Lot.id).label("nth"),
            Lot.sold_at,
            DeskPosting.receipt_number,
            Lot.title,
            func.coalesce(PlaySession.guest_name, SeatCode.guest_name, "").label("guest_name"),
            func.coalesce(Computer.name, "").label("computer"),
            func.count().over(partition_by=whose).label("lots"),
            cast(func.sum(left.balance).over(partition_by=whose), BigInteger).label("seconds"),
            cast(func.sum(owed.balance).over(partition_by=whose), BigInteger).label("amount_tiyn"),
            func.max(case((is_good, SeatCode.expires_at)))
            .over(partition_by=whose)
            .label("code_until"),
            func.min(Lot.sold_at).over(partition_by=whose).label("oldest_at"),
            func.max(Lot.sold_at).over(partition_by=whose).label("newest_at"),
        )
        .join(left, left.account_id == Lot.available_account_id)
        .join(owed, owed.account_id == Lot.unearned_account_id)
        .outerjoin(DeskPosting, DeskPosting.posting_id == Lot.posting_id)
        .outerjoin(SeatCode, SeatCode.lot_id == Lot.id)
        .outerjoin(Computer, Computer.id == SeatCode.computer_id)
        .outerjoin(PlaySession, PlaySession.id == Lot.guest_session_id)
        .where(
            Lot.club_id == club_id,
            Lot.customer_id.is_(None),
            not_(Lot.exhausted),
            left.balance > 0,
            or_(Lot.guest_session_id.is_(None), PlaySession.state == "ended"),
        )
        .subquery()
    )
