"""What became of a customer's money and time, the newest first, part by part."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from lovhub.server.actor import Actor
from lovhub.server.computers.models import Computer
from lovhub.server.customers import reversal, rules
from lovhub.server.customers.belonging import sharing
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.models import (
    AccountBalance,
    DeskPosting,
    LedgerAccount,
    LedgerPosting,
    LedgerTransfer,
)
from lovhub.server.ledger.of_account import newest_of
from lovhub.server.lots.models import Lot
from lovhub.server.sessions.models import Hold, PlaySession
from lovhub.server.staff.models import Staff
from lovhub.server.tariffs.hours import PlayHours
from lovhub.server.tariffs.hours import read as read_hours

PART_SIZE = 50

R = TypeVar("R")


@dataclass(frozen=True)
class HistoryPart(Generic[R]):
    """Part of a history. `next`: the id to go on before; None at the end."""

    rows: list[R]
    next: int | None


@dataclass(frozen=True)
class Movement:
    """Money that came onto the balance (positive) or left it. `other`: the kind of account on the other side.

    `club_id`: the club that booked it, which alone may take it back and has its receipt.
    """

    id: int
    posting_id: int
    club_id: int
    at: int
    kind: str
    amount_tiyn: int
    other: str
    lot_title: str
    actor_kind: str
    actor_id: int | None
    actor_name: str
    reason: str
    is_payment: bool = False
    """A provider of payments has brought it: it goes back by way of the provider, not of the desk."""
    receipt_number: int | None = None


@dataclass(frozen=True)
class LotRow:
    """Bought or given time, and what is left of it. `expires_at`: nothing of it is played after that.

    `club_id`: the club that sold it, where alone it is played.
    """

    id: int
    club_id: int
    title: str
    granted_seconds: int
    left_seconds: int
    price_tiyn: int
    at: int
    expires_at: int | None
    bonus_tiyn: int = 0
    discount_tiyn: int = 0
    play_hours: PlayHours | None = None
    """The days and hours in which alone it is played; None: at any time."""


@dataclass(frozen=True)
class SittingRow:
    """A session. `club_id`: the club of its PC."""

    id: int
    club_id: int
    computer_name: str
    state: str
    started_at: int
    ended_at: int | None
    end_reason: str
    played_seconds: int


@dataclass(frozen=True)
class TopUp:
    """A top-up as it was booked."""

    posting_id: int
    at: int
    amount_tiyn: int
    actor_kind: str
    actor_id: int | None


def movements(
    db: Session, account_id: int, *, before: int | None, limit: int = PART_SIZE
) -> HistoryPart[Movement]:
    """All that moved a customer's balance: two queries, each by an index."""
    rows = [
        *_movements(db, account_id, before, limit + 1, into=True),
        *_movements(db, account_id, before, limit + 1, into=False),
    ]
    rows.sort(key=lambda row: row.id, reverse=True)
    return HistoryPart(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def _movements(
    db: Session, account_id: int, before: int | None, limit: int, *, into: bool
) -> list[Movement]:
    other_id = LedgerTransfer.debit_account_id if into else LedgerTransfer.credit_account_id
    newest = newest_of(account_id, "credit" if into else "debit", before=before, most=limit)
    statement = (
        select(
            LedgerTransfer.id,
            LedgerTransfer.amount,
            LedgerPosting,
            LedgerAccount.kind,
            Lot.title,
            Staff.name,
            DeskPosting.receipt_number,
        )
        .join(LedgerPosting, LedgerPosting.id == LedgerTransfer.posting_id)
        .join(LedgerAccount, LedgerAccount.id == other_id)
        .outerjoin(Lot, Lot.posting_id == LedgerPosting.id)
        .outerjoin(DeskPosting, DeskPosting.posting_id == LedgerPosting.id)
        .outerjoin(
            Staff, and_(Staff.id == LedgerPosting.actor_id, LedgerPosting.actor_kind == "staff")
        )
        .where(LedgerTransfer.id.in_(newest))
        .order_by(LedgerTransfer.id.desc())
    )
    return [
        Movement(
            id=transfer_id,
            posting_id=posting.id,
            club_id=posting.club_id,
            at=posting.at,
            kind=posting.kind,
            amount_tiyn=amount if into else -amount,
            other=other,
            lot_title=title or "",
            actor_kind=posting.actor_kind,
            actor_id=posting.actor_id,
            actor_name=name or "",
            reason=posting.reason,
            is_payment=rules.is_payment(posting.key),
            receipt_number=number,
        )
        for transfer_id, amount, posting, other, title, name, number in db.execute(statement)
    ]


def taken_back(db: Session, club_id: int, posting_ids: Sequence[int]) -> set[int]:
    """Which of the top-ups have been taken back, at whichever club of the chain they were made."""
    by_key = {reversal.key_of(posting_id): posting_id for posting_id in posting_ids}
    done = db.scalars(
        select(LedgerPosting.key).where(
            LedgerPosting.club_id.in_(sharing(club_id)), LedgerPosting.key.in_(by_key)
        )
    )
    return {by_key[key] for key in done}


def lots(
    db: Session, customer_id: int, *, before: int | None, limit: int = PART_SIZE
) -> HistoryPart[LotRow]:
    """Time bought and given, with what is left: available, or held by a session that runs."""
    available, held, consumed = (
        aliased(AccountBalance),
        aliased(AccountBalance),
        aliased(AccountBalance),
    )
    in_sessions = (
        select(func.coalesce(func.sum(held.balance), 0))
        .join(Hold, Hold.account_id == held.account_id)
        .where(Hold.lot_id == Lot.id)
        .scalar_subquery()
    )
    statement = (
        select(Lot, available.balance + in_sessions, consumed.balance)
        .join(available, available.account_id == Lot.available_account_id)
        .join(consumed, consumed.account_id == Lot.consumed_account_id)
        .where(Lot.id.in_(_newest(Lot.id, Lot.customer_id == customer_id, before, limit + 1)))
        .order_by(Lot.id.desc())
    )
    rows = [
        LotRow(
            lot.id,
            lot.club_id,
            lot.title,
            # By the minute, what was leased and not played was never the customer's.
            played if lot.kind == "per_minute" else lot.granted_seconds,
            0 if lot.kind == "per_minute" else int(left),
            lot.price_tiyn,
            lot.sold_at,
            lot.expires_at,
            lot.bonus_tiyn,
            lot.discount_tiyn,
            None if lot.play_hours is None else read_hours(lot.play_hours),
        )
        for lot, left, played in db.execute(statement)
    ]
    return HistoryPart(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def sittings(
    db: Session, customer_id: int, *, before: int | None, limit: int = PART_SIZE
) -> HistoryPart[SittingRow]:
    """Where and when the customer played."""
    statement = (
        select(PlaySession, Computer.name)
        .join(Computer, Computer.id == PlaySession.computer_id)
        .where(
            PlaySession.id.in_(
                _newest(PlaySession.id, PlaySession.customer_id == customer_id, before, limit + 1)
            )
        )
        .order_by(PlaySession.id.desc())
    )
    rows = [
        SittingRow(
            row.id,
            row.club_id,
            name,
            row.state,
            row.started_at,
            row.ended_at,
            row.end_reason,
            row.played_seconds,
        )
        for row, name in db.execute(statement)
    ]
    return HistoryPart(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def _newest(
    number: InstrumentedAttribute[int], which: ColumnElement[bool], before: int | None, most: int
) -> Select[int]:
    """The numbers of so many, from an index alone: the rows of a regular of years would all be put in order."""
    found = select(number).where(which)
    if before is not None:
        found = found.where(number < before)
    return found.order_by(number.desc()).limit(most)


def top_up(db: Session, club_id: int, customer_id: int, posting_id: int) -> TopUp:
    """A top-up of this customer; OperationRefused("top_up_unknown") for anything else."""
    found = db.execute(
        select(LedgerPosting, LedgerTransfer.amount)
        .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
        .join(Customer, Customer.balance_account_id == LedgerTransfer.credit_account_id)
        .where(
            LedgerPosting.id == posting_id,
            LedgerPosting.club_id == club_id,
            LedgerPosting.kind == "top_up",
            Customer.id == customer_id,
        )
    ).one_or_none()
    if found is None:
        raise OperationRefused("top_up_unknown")
    posting, amount_tiyn = found
    return TopUp(posting.id, posting.at, amount_tiyn, posting.actor_kind, posting.actor_id)


def own_seconds_left(booked: TopUp | Movement, actor: Actor, now: int) -> int:
    """How long `actor` may still take the top-up back as its author."""
    by_author = (booked.actor_kind, booked.actor_id) == (actor.kind, actor.id)
    return rules.own_seconds_left(now - booked.at, by_author=by_author)
