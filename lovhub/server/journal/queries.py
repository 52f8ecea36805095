"""Reading what happened."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lovhub.server.computers.models import Computer
from lovhub.server.journal.models import Alarm

MOST_OPEN_ALARMS = 50


@dataclass(frozen=True)
class AlarmRow:
    """An alarm with the name of its PC ("" for one that is not a PC's)."""

    alarm_id: int
    kind: str
    at: int
    computer_id: int | None
    computer_name: str
    data: dict[str, Any]


def open_alarms(db: Session, club_id: int) -> list[AlarmRow]:
    """Alarms nobody has closed, the newest first; no more than a person can look at."""
    rows = db.execute(
        select(Alarm, Computer.name)
        .outerjoin(Computer, Computer.id == Alarm.computer_id)
        .where(Alarm.club_id == club_id, Alarm.closed_at.is_(None))
        .order_by(Alarm.at.desc(), Alarm.id.desc())
        .limit(MOST_OPEN_ALARMS)
    )
    return [
        AlarmRow(alarm.id, alarm.kind, alarm.at, alarm.computer_id, name or "", alarm.data)
        for alarm, name in rows
    ]
