"""Reading moves: what is planned, what came in, and who already lives on it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, load_only

from lovhub.server.customers.belonging import whose
from lovhub.server.customers.models import Customer
from lovhub.server.database.prepared import Query
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.models import AccountBalance, LedgerPosting, LedgerTransfer
from lovhub.server.lots.bulk import OPENING_TIME
from lovhub.server.lots.models import Lot
from lovhub.server.loyalty import queries as loyalty
from lovhub.server.moving import rules
from lovhub.server.moving.models import Move, MovedCustomer, MovePart
from lovhub.server.moving.reading import Table, unpacked
from lovhub.server.moving.rules import Plan
from lovhub.server.sessions.models import PlaySession

OPENING_BALANCE = "opening_balance"
"""The kind of posting that brings money in."""

_MOST_MOVES = 50


def moves(db: Session, club_id: int) -> list[Move]:
    """The club's moves, the newest first, without the tables they brought."""
    return list(
        db.scalars(
            select(Move)
            .where(Move.club_id == club_id)
            .order_by(Move.id.desc())
            .limit(_MOST_MOVES)
            .options(
                load_only(
                    Move.state, Move.file_name, Move.created_at, Move.imported_at,
                    Move.taken_back_at, Move.customers, Move.balance_tiyn, Move.seconds,
                )
            )
        )
    )  # fmt: skip


def get(db: Session, club_id: int, move_id: int, *, for_update: bool = False) -> Move:
    """One of the club's moves; OperationRefused("move_unknown")."""
    statement = select(Move).where(Move.id == move_id, Move.club_id == club_id)
    if for_update:
        statement = statement.with_for_update()
    move = db.scalars(statement).one_or_none()
    if move is None:
        raise OperationRefused("move_unknown")
    return move


@dataclass(frozen=True)
class UnderWay:
    """A move that is coming in: how many customers are in, of how many."""

    made: int
    total: int


def under_way(db: Session, move: Move) -> UnderWay | None:
    """How far a move is that is coming in; None if it is not, or is in."""
    left = db.scalar(select(func.sum(MovePart.customers)).where(MovePart.move_id == move.id))
    if not left:
        return None
    return UnderWay(move.customers, move.customers + int(left))


_WAITING = Query(
    select(MovePart.move_id)
    .join(Move, Move.id == MovePart.move_id)
    .where(Move.club_id == bindparam("club"))
    .distinct()
    .order_by(MovePart.move_id)
)


def waiting_moves(db: Session, club_id: int) -> list[int]:
    """Moves of which parts are still to come in, the oldest first. Asked four times a second."""
    return _WAITING.values(db, club=club_id)


def next_part(db: Session, move_id: int) -> MovePart | None:
    """The next part to come in."""
    return db.scalars(
        select(MovePart).where(MovePart.move_id == move_id).order_by(MovePart.number).limit(1)
    ).one_or_none()


def known_logins(db: Session, club_id: int, login_keys: Sequence[str]) -> frozenset[str]:
    """Those of the logins that the club has already."""
    return frozenset(
        db.scalars(
            select(Customer.login_key).where(
                Customer.club_id == whose(club_id), Customer.login_key.in_(login_keys)
            )
        )
    )


def table(move: Move) -> Table:
    """The rows that were brought."""
    return unpacked(move.content)


def plan(db: Session, move: Move) -> Plan:
    """What would be made of the file now: the dry run."""
    logins, phones = set(), set()
    known = select(Customer.login_key, Customer.phone).where(
        Customer.club_id == whose(move.club_id)
    )
    for login_key, phone in db.execute(known):
        logins.add(login_key)
        if phone:
            phones.add(phone)
    return rules.plan(
        table(move),
        move.columns,
        has_headings=move.has_headings,
        known_logins=frozenset(logins),
        known_phones=frozenset(phones),
        groups={row.name_key: row.id for row in loyalty.groups(db, move.club_id)},
    )


def lock_newcomers(db: Session, move_id: int) -> None:
    """Lock who came in, in the order of ids: what is booked for them waits, or is there already."""
    came = select(MovedCustomer.customer_id).where(MovedCustomer.move_id == move_id)
    db.execute(
        select(Customer.id)
        .where(Customer.id.in_(came))
        .order_by(Customer.id)
        .with_for_update(key_share=True)
    )


def in_use(db: Session, move_id: int, limit: int) -> list[str]:
    """Logins of those who have played, spent or paid since they came in; such a move stays."""
    return list(db.scalars(_in_use(move_id).order_by(Customer.id).limit(limit)))


def _in_use(move_id: int) -> Select[str]:
    balance, lot_balance = AccountBalance, AccountBalance.__table__.alias("lot_balance")
    moved_money = exists().where(
        LedgerPosting.id == LedgerTransfer.posting_id,
        LedgerPosting.kind != OPENING_BALANCE,
        or_(
            LedgerTransfer.debit_account_id == Customer.balance_account_id,
            LedgerTransfer.credit_account_id == Customer.balance_account_id,
        ),
    )
    moved_time = exists().where(
        Lot.customer_id == Customer.id,
        LedgerPosting.id == Lot.posting_id,
        lot_balance.c.account_id == Lot.available_account_id,
        or_(LedgerPosting.kind != OPENING_TIME, lot_balance.c.balance != Lot.granted_seconds),
    )
    played = exists().where(PlaySession.customer_id == Customer.id)
    return (
        select(Customer.login)
        .join(MovedCustomer, MovedCustomer.customer_id == Customer.id)
        .join(balance, balance.account_id == Customer.balance_account_id)
        .where(
            MovedCustomer.move_id == move_id,
            or_(
                balance.balance != MovedCustomer.balance_tiyn,
                Customer.deleted_at.is_not(None),
                Customer.bonus_account_id.is_not(None),
                moved_money,
                moved_time,
                played,
            ),
        )
    )


def lots(db: Session, move_id: int) -> list[Lot]:
    """The lots that came in with a move."""
    return list(
        db.scalars(
            select(Lot)
            .join(MovedCustomer, MovedCustomer.customer_id == Lot.customer_id)
            .where(MovedCustomer.move_id == move_id)
            .order_by(Lot.id)
        )
    )


def newcomers(db: Session, move_id: int) -> list[tuple[int, int, int]]:
    """Of each who came in: id, balance account, money brought."""
    rows = db.execute(
        select(Customer.id, Customer.balance_account_id, MovedCustomer.balance_tiyn)
        .join(MovedCustomer, MovedCustomer.customer_id == Customer.id)
        .where(MovedCustomer.move_id == move_id)
        .order_by(Customer.id)
    )
    return [(customer_id, account_id, tiyn) for customer_id, account_id, tiyn in rows]
