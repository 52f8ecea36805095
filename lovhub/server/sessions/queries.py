"""Reading sessions, for the live page and for the PCs. Seconds are told, never deadlines."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from lovhub.protocol.lease import Lease
from lovhub.protocol.views import SessionView
from lovhub.server.customers.models import Customer
from lovhub.server.ledger.models import AccountBalance
from lovhub.server.live import HallSession
from lovhub.server.lots.models import Lot
from lovhub.server.sessions.models import Hold, PlaySession

_Owner = tuple[int | None, int | None]
"""Whose a lot is: the customer's id, or the guest's session's."""


@dataclass(frozen=True)
class PcSession:
    """The session on a PC as its agent gets it; `lease` is None unless it is active."""

    view: SessionView
    lease: Lease | None
    customer_id: int | None


@dataclass(frozen=True)
class _LiveSession:
    row: PlaySession
    customer_name: str | None
    title: str
    held: int
    available: int

    def elapsed(self, now: int) -> int:
        """Seconds run since the last settlement, by the server's clock."""
        if self.row.state != "active":
            return 0
        return min(max(0, now - self.row.settled_at), self.held)

    def who(self) -> str:
        return self.customer_name or self.row.guest_name


def hall_sessions(
    db: Session, club_id: int, now: int, computer_id: int | None = None
) -> dict[int, HallSession]:
    """The sessions that are not ended, by PC; of one PC only, if `computer_id` is given."""
    return {
        live.row.computer_id: HallSession(
            session_id=live.row.id,
            state=_live_state(live.row),
            who=live.who(),
            customer_id=live.row.customer_id,
            title=live.title,
            seconds_left=live.available + live.held - live.elapsed(now),
            held_seconds=_still_held(live, now),
            pause_reason=live.row.pause_reason,
        )
        for live in _live_sessions(db, club_id, computer_id)
    }


def pc_session(db: Session, club_id: int, computer_id: int, now: int) -> PcSession | None:
    """The session on one PC, with the lease it may run by.

    One that a power cut has paused is not the PC's concern: it shows the sign-in, and the player who signs in
    again (or the desk) resumes it.
    """
    for live in _live_sessions(db, club_id, computer_id):
        row = live.row
        if row.state == "paused" and row.pause_reason == "power_cut":
            return None
        elapsed = live.elapsed(now)
        return PcSession(
            view=SessionView(
                session_id=row.id,
                state="paused" if row.state == "paused" else "active",
                title=live.title,
                customer_name=live.who(),
                seconds_left=live.available + live.held - elapsed,
                played_seconds=row.played_seconds + elapsed,
            ),
            lease=_lease(row) if row.state == "active" else None,
            customer_id=row.customer_id,
        )
    return None


def end_of(db: Session, session_id: int) -> tuple[str, int]:
    """Why a session ended, and how many seconds were left to its customer."""
    row = db.get_one(PlaySession, session_id)
    left = db.scalars(
        select(func.coalesce(func.sum(AccountBalance.balance), 0))
        .join(Lot, Lot.available_account_id == AccountBalance.account_id)
        .where(_owned_by(row.customer_id, row.id))
    ).one()
    return row.end_reason, int(left)


def _live_state(row: PlaySession) -> Literal["active", "paused", "unreachable"]:
    if row.state == "active":
        return "active"
    return "paused" if row.state == "paused" else "unreachable"


def _lease(row: PlaySession) -> Lease:
    return Lease(
        session_id=row.id,
        computer_id=row.computer_id,
        serial=row.lease_serial,
        seconds=row.leased_seconds,
        issued_at=row.lease_issued_at or row.started_at,
        not_after=row.lease_not_after or row.started_at,
    )


def _still_held(live: _LiveSession, now: int) -> int:
    """How long a silent PC may still be playing, at the most; 0 for any other."""
    if live.row.state != "unreachable" or live.row.lease_issued_at is None:
        return 0
    return max(0, live.held - (now - live.row.settled_at))


def _owned_by(customer_id: int | None, session_id: int) -> ColumnElement[bool]:
    return Lot.customer_id == customer_id if customer_id else Lot.guest_session_id == session_id


def _live_sessions(db: Session, club_id: int, computer_id: int | None) -> list[_LiveSession]:
    """Two queries, however many sessions: the rows with what they hold, and what their owners still have."""
    held = aliased(AccountBalance)
    statement = (
        select(PlaySession, Customer.name, func.coalesce(func.sum(held.balance), 0))
        .outerjoin(Customer, Customer.id == PlaySession.customer_id)
        .outerjoin(Hold, Hold.session_id == PlaySession.id)
        .outerjoin(held, held.account_id == Hold.account_id)
        .where(PlaySession.club_id == club_id, PlaySession.state != "ended")
        .group_by(PlaySession.id, Customer.name)
    )
    if computer_id is not None:
        statement = statement.where(PlaySession.computer_id == computer_id)
    rows = db.execute(statement).all()
    if not rows:
        return []
    customers = [row.customer_id for row, _, _ in rows if row.customer_id is not None]
    guests = [row.id for row, _, _ in rows if row.customer_id is None]
    lots = db.execute(
        select(Lot.customer_id, Lot.guest_session_id, Lot.title, AccountBalance.balance)
        .join(AccountBalance, AccountBalance.account_id == Lot.available_account_id)
        .where(
            or_(
                and_(Lot.customer_id.in_(customers), Lot.exhausted.is_(False)),
                Lot.guest_session_id.in_(guests),
            )
        )
        .order_by(Lot.sold_at, Lot.id)
    ).all()
    available: dict[_Owner, int] = {}
    titles: dict[_Owner, str] = {}
    for customer_id, guest_session_id, title, balance in lots:
        owner = (customer_id, None if customer_id else guest_session_id)
        available[owner] = available.get(owner, 0) + balance
        titles.setdefault(owner, title)
    live = []
    for row, customer_name, held_total in rows:
        owner = (row.customer_id, None if row.customer_id else row.id)
        live.append(
            _LiveSession(
                row=row,
                customer_name=customer_name,
                title=titles.get(owner, ""),
                held=int(held_total),
                available=available.get(owner, 0),
            )
        )
    return live
