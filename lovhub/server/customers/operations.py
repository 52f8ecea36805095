"""«Мои операции»: what a player paid, bought, was given and played, for the player alone; the newest first.

Read from where the truth is, part by part: each kind of row has a place of its own, and a page mixes them by time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from lovhub.protocol.views import OperationView
from lovhub.server.computers.models import Computer
from lovhub.server.customers.belonging import names_of_sharing
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.ledger.models import LedgerAccount, LedgerPosting
from lovhub.server.ledger.of_account import transfers_of
from lovhub.server.lots.models import Lot
from lovhub.server.sessions.models import MeterRow, PlaySession
from lovhub.server.tariffs import hours
from lovhub.server.tariffs.queries import hours_view

PART_SIZE = 20
MOST_DIGITS = 18
_BY_MINUTE = "per_minute"

AnySelect = TypeVar("AnySelect", bound=Select[*tuple[Any, ...]])

Found = tuple[int, int, OperationView]
"""The row's id among those of its source, the club where it was, and what is shown."""

Source = Callable[[int | None, int], list[Found]]
"""Rows before an id, at most so many, the newest first."""


@dataclass(frozen=True)
class OperationsPart:
    """`next`: the place to go on at; "" at the end."""

    rows: tuple[OperationView, ...]
    next: str


def of_customer(
    db: Session, club_id: int, customer_id: int, *, before: str = "", limit: int = PART_SIZE
) -> OperationsPart:
    """What this customer did and had at all clubs that have them, as it is told at a PC of `club_id`.

    Refused with `invalid_fields` for a place that is none.
    """
    customer = db.get_one(Customer, customer_id)
    elsewhere = names_of_sharing(db, club_id)
    elsewhere.pop(club_id)

    balance = partial(_moved, db, customer.balance_account_id)
    bonuses = partial(_moved, db, customer.bonus_account_id, is_bonus=True)
    return _page(
        [
            partial(balance, sign=1),
            partial(balance, sign=-1),
            partial(bonuses, sign=1),
            partial(bonuses, sign=-1),
            partial(_forgiven, db, customer.debt_account_id),
            partial(_lots, db, Lot.customer_id == customer_id),
            partial(_sittings, db, PlaySession.customer_id == customer_id),
        ],
        before,
        limit,
        elsewhere,
    )


def of_guest(
    db: Session, session_id: int, *, before: str = "", limit: int = PART_SIZE
) -> OperationsPart:
    """The stay of a guest: what was sold to them, and what they played of it."""
    return _page(
        [
            partial(_lots, db, Lot.guest_session_id == session_id),
            partial(_sittings, db, PlaySession.id == session_id),
        ],
        before,
        limit,
        {},
    )


def _page(
    sources: Sequence[Source], before: str, limit: int, elsewhere: Mapping[int, str]
) -> OperationsPart:
    """So many rows of all sources, by time; of each source in its own order. `elsewhere`: names of other clubs."""
    places = _places(before, len(sources))
    waiting = [source(place, limit + 1) for source, place in zip(sources, places, strict=True)]
    rows: list[OperationView] = []
    while len(rows) < limit and any(waiting):
        newest = max(
            (number for number, found in enumerate(waiting) if found),
            key=lambda number: waiting[number][0][2].at,
        )
        places[newest], club_id, row = waiting[newest].pop(0)
        name = elsewhere.get(club_id)
        rows.append(msgspec.structs.replace(row, club=name) if name else row)
    further = ".".join("" if place is None else str(place) for place in places)
    return OperationsPart(tuple(rows), further if any(waiting) else "")


def _places(before: str, sources: int) -> list[int | None]:
    if not before:
        return [None] * sources
    parts = before.split(".")
    known = all(
        not part or (part.isascii() and part.isdecimal() and len(part) <= MOST_DIGITS)
        for part in parts
    )
    if not known or len(parts) != sources:
        raise OperationRefused("invalid_fields", before="choice_unknown")
    return [int(part) if part else None for part in parts]


def _moved(
    db: Session,
    account_id: int | None,
    before: int | None,
    most: int,
    *,
    sign: int,
    is_bonus: bool = False,
) -> list[Found]:
    """What came to an account of theirs (`sign` 1) or left it, but for what their time and playing cost."""
    if account_id is None:
        return []
    transfer = transfers_of(account_id, "credit" if sign > 0 else "debit")
    other_id = transfer.debit_account_id if sign > 0 else transfer.credit_account_id
    statement = (
        select(transfer.id, transfer.amount, LedgerPosting, LedgerAccount.kind)
        .join(LedgerPosting, LedgerPosting.id == transfer.posting_id)
        .join(LedgerAccount, LedgerAccount.id == other_id)
        .where(
            LedgerPosting.kind.not_like("session.%"),
            ~exists().where(Lot.posting_id == LedgerPosting.id),
        )
    )
    rows = db.execute(_before(statement, transfer.id, before, most))
    return [
        (
            transfer_id,
            posting.club_id,
            OperationView(posting.kind, posting.at, bonus_tiyn=sign * amount)
            if is_bonus
            else OperationView(posting.kind, posting.at, tiyn=sign * amount, detail=other),
        )
        for transfer_id, amount, posting, other in rows
    ]


def _forgiven(db: Session, account_id: int | None, before: int | None, most: int) -> list[Found]:
    """Debts that nobody asks for any more; what is owed and paid stands elsewhere."""
    if account_id is None:
        return []
    transfer = transfers_of(account_id, "credit")
    statement = (
        select(transfer.id, transfer.amount, LedgerPosting.club_id, LedgerPosting.at)
        .join(LedgerPosting, LedgerPosting.id == transfer.posting_id)
        .where(LedgerPosting.kind == "debt_forgiven")
    )
    rows = db.execute(_before(statement, transfer.id, before, most))
    return [
        (transfer_id, club_id, OperationView("debt_forgiven", at, tiyn=amount))
        for transfer_id, amount, club_id, at in rows
    ]


def _lots(db: Session, whose: ColumnElement[bool], before: int | None, most: int) -> list[Found]:
    """Time that was bought or given. What the balance pays by the minute is told by its sitting."""
    statement = (
        select(Lot, LedgerPosting.kind)
        .join(LedgerPosting, LedgerPosting.id == Lot.posting_id)
        .where(whose, Lot.kind != _BY_MINUTE, LedgerPosting.kind != "zone_carried")
    )
    return [
        (
            lot.id,
            lot.club_id,
            OperationView(
                kind,
                lot.sold_at,
                tiyn=-lot.price_tiyn,
                bonus_tiyn=-lot.bonus_tiyn,
                seconds=lot.granted_seconds,
                title=lot.title,
                hours=None if lot.play_hours is None else hours_view(hours.read(lot.play_hours)),
            ),
        )
        for lot, kind in db.execute(_before(statement, Lot.id, before, most))
    ]


def _sittings(
    db: Session, whose: ColumnElement[bool], before: int | None, most: int
) -> list[Found]:
    """Where and when they played, what playing by the minute has cost, and whether the desk had seated them."""
    cost = (
        select(func.sum(Lot.price_tiyn))
        .join(MeterRow, MeterRow.lot_id == Lot.id)
        .where(MeterRow.session_id == PlaySession.id)
        .scalar_subquery()
    )
    # The event of that very second: what a sitting's row does not know.
    seated_by_desk = exists().where(
        Event.customer_id == PlaySession.customer_id,
        Event.at == PlaySession.started_at,
        Event.session_id == PlaySession.id,
        Event.kind == "session.begun",
        Event.actor_kind == "staff",
    )
    statement = (
        select(PlaySession, Computer.name, cost, seated_by_desk)
        .join(Computer, Computer.id == PlaySession.computer_id)
        .where(whose)
    )
    return [
        (
            session.id,
            session.club_id,
            OperationView(
                "played" if session.state == "ended" else "playing",
                session.started_at,
                tiyn=-int(cost_tiyn or 0),
                seconds=session.played_seconds,
                title=name,
                detail="desk" if by_desk else "",
            ),
        )
        for session, name, cost_tiyn, by_desk in db.execute(
            _before(statement, PlaySession.id, before, most)
        )
    ]


def _before(
    statement: AnySelect, column: InstrumentedAttribute[int], before: int | None, most: int
) -> AnySelect:
    if before is not None:
        statement = statement.where(column < before)
    return statement.order_by(column.desc()).limit(most)
