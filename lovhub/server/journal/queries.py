"""Open alarms, and the last sign of life. The log is in `log.py`."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from lovhub.server.computers.models import Computer
from lovhub.server.computers.queries import last_heard_at
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.staff.models import Staff

MOST_OPEN_ALARMS = 50


@dataclass(frozen=True)
class AlarmRow:
    """An alarm with the names of its PC ("" for one that is not a PC's) and of who sees to it ("" for nobody)."""

    alarm_id: int
    kind: str
    at: int
    computer_id: int | None
    computer_name: str
    data: dict[str, Any]
    taken_by: str = ""


def open_alarms(db: Session, club_id: int) -> list[AlarmRow]:
    """Alarms nobody has closed, the newest first; no more than a person can look at."""
    return _alarm_rows(db, Alarm.club_id == club_id, Alarm.closed_at.is_(None))


def alarm(db: Session, club_id: int, alarm_id: int) -> AlarmRow | None:
    """One of the club's alarms, open or closed."""
    rows = _alarm_rows(db, Alarm.club_id == club_id, Alarm.id == alarm_id)
    return rows[0] if rows else None


def _alarm_rows(db: Session, *conditions: ColumnElement[bool]) -> list[AlarmRow]:
    rows = db.execute(
        select(Alarm, Computer.name, Staff.name)
        .outerjoin(Computer, Computer.id == Alarm.computer_id)
        .outerjoin(Staff, Staff.id == Alarm.taken_by)
        .where(*conditions)
        .order_by(Alarm.at.desc(), Alarm.id.desc())
        .limit(MOST_OPEN_ALARMS)
    )
    return [
        AlarmRow(
            alarm_id=row.id,
            kind=row.kind,
            at=row.at,
            computer_id=row.computer_id,
            computer_name=name or "",
            data=row.data,
            taken_by=taken_by or "",
        )
        for row, name, taken_by in rows
    ]


def last_stored_at(db: Session, club_id: int) -> int | None:
    """The latest instant that was written down: of an event, or of a PC's sign of life."""
    instants = (
        db.scalar(select(func.max(Event.at)).where(Event.club_id == club_id)),
        last_heard_at(db, club_id),
    )
    return max((instant for instant in instants if instant is not None), default=None)
