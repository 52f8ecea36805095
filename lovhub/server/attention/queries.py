"""Reading what waits for somebody at the desk."""

from dataclasses import dataclass
from typing import cast

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lovhub.protocol.views import CallReason, CallView
from lovhub.server.attention.models import Call, EndingDismissal
from lovhub.server.computers.models import Computer
from lovhub.server.customers.models import Customer
from lovhub.server.database.prepared import Query
from lovhub.server.sessions.models import IS_LIVE, PlaySession
from lovhub.server.staff.models import Staff

MOST_OPEN_CALLS = 200


@dataclass(frozen=True)
class CallRow:
    """An open call, with names. `who` is empty where nobody was signed in; `taken_by` until it is taken."""

    call_id: int
    computer_id: int
    computer_name: str
    who: str
    reason: str
    text: str
    count: int
    called_at: int
    taken_by: str


def open_calls(db: Session, club_id: int) -> list[CallRow]:
    """Calls nobody has closed, the longest waiting first; one query."""
    rows = db.execute(
        select(Call, Computer.name, Customer.name, PlaySession.guest_name, Staff.name)
        .join(Computer, Computer.id == Call.computer_id)
        .outerjoin(Customer, Customer.id == Call.customer_id)
        .outerjoin(PlaySession, PlaySession.id == Call.session_id)
        .outerjoin(Staff, Staff.id == Call.taken_by)
        .where(Call.club_id == club_id, Call.closed_at.is_(None))
        .order_by(Call.called_at, Call.id)
        .limit(MOST_OPEN_CALLS)
    )
    return [
        CallRow(
            call_id=call.id,
            computer_id=call.computer_id,
            computer_name=computer,
            who=customer or guest or "",
            reason=call.reason,
            text=call.text,
            count=call.count,
            called_at=call.called_at,
            taken_by=taken_by or "",
        )
        for call, computer, customer, guest, taken_by in rows
    ]


_OPEN_AT = Query(
    select(Call.id, Call.reason, Staff.name)
    .outerjoin(Staff, Staff.id == Call.taken_by)
    .where(Call.computer_id == bindparam("computer"), Call.closed_at.is_(None))
)


def call_view(db: Session, computer_id: int) -> CallView | None:
    """The PC's open call as its launcher shows it."""
    found = _OPEN_AT.first(db, computer=computer_id)
    if found is None:
        return None
    call_id, reason, taken_by = found
    return CallView(call_id=call_id, reason=cast("CallReason", reason), taken_by=taken_by or "")


def dismissals(db: Session, club_id: int) -> dict[int, int]:
    """Of the sessions that still run: the end that somebody has seen coming, by session."""
    rows = db.execute(
        select(EndingDismissal.session_id, EndingDismissal.ends_at)
        .join(PlaySession, PlaySession.id == EndingDismissal.session_id)
        .where(EndingDismissal.club_id == club_id, IS_LIVE)
    )
    return {row.session_id: row.ends_at for row in rows}
