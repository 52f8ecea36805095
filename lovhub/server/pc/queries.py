"""The history of one PC, each kind in short parts by key: a year of it opens as fast as a day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from lovhub.server.applications.models import Application
from lovhub.server.customers.models import Customer
from lovhub.server.journal.models import Alarm, Launch
from lovhub.server.maintenance.models import Maintenance
from lovhub.server.pc.models import PcCommand, PcHardware
from lovhub.server.sessions.models import PlaySession
from lovhub.server.staff.models import Staff

SHOWN = 8


@dataclass(frozen=True)
class Part:
    """Rows, the newest first; `before` is where to go on, None at the end."""

    rows: Sequence[Any]
    before: int | None


def hardware(db: Session, computer_id: int) -> PcHardware | None:
    """What the PC last told of itself."""
    return db.get(PcHardware, computer_id)


def sessions(db: Session, computer_id: int, before: int | None) -> Part:
    """(session, customer's name or None)."""
    query = (
        select(PlaySession, Customer.name)
        .outerjoin(Customer, Customer.id == PlaySession.customer_id)
        .where(PlaySession.computer_id == computer_id)
    )
    return _part(db, query, PlaySession.id, before)


def launches(db: Session, computer_id: int, before: int | None) -> Part:
    """(launch, program's title)."""
    query = (
        select(Launch, Application.title)
        .join(Application, Application.id == Launch.application_id)
        .where(Launch.computer_id == computer_id)
    )
    return _part(db, query, Launch.id, before)


def alarms(db: Session, computer_id: int, before: int | None) -> Part:
    """(alarm, who took it or None, who closed it or None)."""
    taker, closer = aliased(Staff), aliased(Staff)
    query = (
        select(Alarm, taker.name, closer.name)
        .outerjoin(taker, taker.id == Alarm.taken_by)
        .outerjoin(closer, closer.id == Alarm.closed_by)
        .where(Alarm.computer_id == computer_id)
    )
    return _part(db, query, Alarm.id, before)


def maintenance(db: Session, computer_id: int, before: int | None) -> Part:
    """(opening without a customer, who opened)."""
    query = (
        select(Maintenance, Staff.name)
        .join(Staff, Staff.id == Maintenance.begun_by)
        .where(Maintenance.computer_id == computer_id)
    )
    return _part(db, query, Maintenance.id, before)


def commands(db: Session, computer_id: int, before: int | None) -> Part:
    """(command,)."""
    query = select(PcCommand).where(PcCommand.computer_id == computer_id)
    return _part(db, query, PcCommand.id, before)


def _part(db: Session, query: Any, key: InstrumentedAttribute[int], before: int | None) -> Part:
    if before is not None:
        query = query.where(key < before)
    rows = db.execute(query.order_by(key.desc()).limit(SHOWN + 1)).all()
    more = len(rows) > SHOWN
    return Part(rows[:SHOWN], rows[SHOWN - 1][0].id if more else None)


HISTORY: dict[str, Callable[[Session, int, int | None], Part]] = {
    "commands": commands,
    "alarms": alarms,
    "sessions": sessions,
    "launches": launches,
    "maintenance": maintenance,
}
"""What a PC's page lists, in its order."""
