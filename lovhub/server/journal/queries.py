"""Reading what happened."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from lovhub.server.applications.models import Application
from lovhub.server.computers.models import Computer
from lovhub.server.customers.models import Customer
from lovhub.server.journal.models import Alarm, Event, Launch
from lovhub.server.sessions.models import PlaySession
from lovhub.server.staff.models import Staff

MOST_OPEN_ALARMS = 50

CURSOR_PATTERN = r"^([0-9]{1,18})\.([0-2])\.([0-9]{1,18})$"
"""Eighteen digits are more than any instant or id has, and fit every database's integer."""

_CURSOR = re.compile(CURSOR_PATTERN)


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


KINDS: dict[str, tuple[str, ...]] = {
    "launch": ("launch",),
    "sign_in": ("customer.signed_in",),
    "customer": (
        "customer.registered",
        "customer.details_changed",
        "customer.pin_issued",
        "customer.password_set",
        "customer.deleted",
    ),
    "session": ("session.",),
    "money": ("customer.topped_up", "customer.top_up_taken_back", "customer.deleted", "time."),
    "computer": ("computer.", "command.", "hall.", "zone."),
    "alarm": ("alarm",),
    "call": ("call.",),
    "staff": ("staff.", "club.", "tariff.", "application.", "customer.registered", "move."),
}
"""What the log may be narrowed to: the beginnings of the kinds that belong together."""


@dataclass(frozen=True)
class LogFilter:
    """What to show. Empty values show everything; instants in UTC epoch seconds, `until_at` exclusive.

    `staff_id`: only what this person did.
    """

    kind: str = ""
    computer_id: int | None = None
    customer_id: int | None = None
    staff_id: int | None = None
    from_at: int | None = None
    until_at: int | None = None


@dataclass(frozen=True)
class LogCursor:
    """Where to go on: rows before this instant, or of this instant with a smaller (source, id)."""

    at: int
    source: int
    id: int

    def written(self) -> str:
        """The cursor as an address carries it."""
        return f"{self.at}.{self.source}.{self.id}"


def read_cursor(text: str) -> LogCursor | None:
    """What `LogCursor.written` wrote; None for anything else."""
    found = _CURSOR.fullmatch(text)
    return LogCursor(int(found[1]), int(found[2]), int(found[3])) if found else None


@dataclass(frozen=True)
class LogRow:
    """One line of the log. `guest_name` None: not about a guest's session; "" is a guest without a name."""

    at: int
    source: int
    id: int
    kind: str
    actor_name: str
    address: str
    computer_name: str
    customer_login: str
    customer_name: str
    guest_name: str | None
    application_title: str
    data: dict[str, Any]


@dataclass(frozen=True)
class LogPage:
    """Part of the log, the newest first. `next` is None at the end."""

    rows: list[LogRow]
    next: LogCursor | None


_GUEST_NAME = case((PlaySession.customer_id.is_(None), PlaySession.guest_name))

_EVENT, LAUNCH, _ALARM = 0, 1, 2
"""Sources, in the order of lines of the same second."""


def log(
    db: Session, club_id: int, wanted: LogFilter, *, before: LogCursor | None, limit: int = 50
) -> LogPage:
    """The log: events, launches and alarms merged by time. Three queries at most, each by an index."""
    rows: list[LogRow] = []
    if wanted.kind not in {"launch", "alarm"}:
        rows += _events(db, club_id, wanted, before, limit + 1)
    if wanted.kind in {"", "launch"} and wanted.staff_id is None:
        rows += _launches(db, club_id, wanted, before, limit + 1)
    if wanted.kind in {"", "alarm"} and wanted.customer_id is None and wanted.staff_id is None:
        rows += _alarms(db, club_id, wanted, before, limit + 1)
    rows.sort(key=lambda row: (row.at, row.source, row.id), reverse=True)
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    return LogPage(shown, LogCursor(last.at, last.source, last.id) if last else None)


def _events(
    db: Session, club_id: int, wanted: LogFilter, before: LogCursor | None, limit: int
) -> list[LogRow]:
    statement = (
        select(Event, Computer.name, Customer.login, Customer.name, _GUEST_NAME)
        .outerjoin(Computer, Computer.id == Event.computer_id)
        .outerjoin(Customer, Customer.id == Event.customer_id)
        .outerjoin(PlaySession, PlaySession.id == Event.session_id)
        .where(Event.club_id == club_id)
        .order_by(Event.at.desc(), Event.id.desc())
        .limit(limit)
    )
    if wanted.kind:
        starts = [Event.kind.startswith(start, autoescape=True) for start in KINDS[wanted.kind]]
        statement = statement.where(or_(*starts))
    if wanted.computer_id is not None:
        statement = statement.where(Event.computer_id == wanted.computer_id)
    if wanted.customer_id is not None:
        statement = statement.where(Event.customer_id == wanted.customer_id)
    if wanted.staff_id is not None:
        statement = statement.where(Event.actor_kind == "staff", Event.actor_id == wanted.staff_id)
    statement = statement.where(*_between(Event.at, Event.id, _EVENT, wanted, before))
    return [
        LogRow(
            at=event.at,
            source=_EVENT,
            id=event.id,
            kind=event.kind,
            actor_name=event.actor_name or (name or "" if event.actor_kind == "customer" else ""),
            address=event.address,
            computer_name=computer or "",
            customer_login=login or "",
            customer_name=name or "",
            guest_name=guest,
            application_title="",
            data=event.data,
        )
        for event, computer, login, name, guest in db.execute(statement)
    ]


def _launches(
    db: Session, club_id: int, wanted: LogFilter, before: LogCursor | None, limit: int
) -> list[LogRow]:
    statement = (
        select(Launch, Computer.name, Customer.login, Customer.name, _GUEST_NAME, Application.title)
        .join(Computer, Computer.id == Launch.computer_id)
        .join(Application, Application.id == Launch.application_id)
        .outerjoin(Customer, Customer.id == Launch.customer_id)
        .outerjoin(PlaySession, PlaySession.id == Launch.session_id)
        .where(Launch.club_id == club_id)
        .order_by(Launch.started_at.desc(), Launch.id.desc())
        .limit(limit)
    )
    if wanted.computer_id is not None:
        statement = statement.where(Launch.computer_id == wanted.computer_id)
    if wanted.customer_id is not None:
        statement = statement.where(Launch.customer_id == wanted.customer_id)
    statement = statement.where(*_between(Launch.started_at, Launch.id, LAUNCH, wanted, before))
    return [
        LogRow(
            at=launch.started_at,
            source=LAUNCH,
            id=launch.id,
            kind="launch",
            actor_name="",
            address="",
            computer_name=computer,
            customer_login=login or "",
            customer_name=name or "",
            guest_name=guest,
            application_title=title,
            data={"ran_seconds": launch.ran_seconds},
        )
        for launch, computer, login, name, guest, title in db.execute(statement)
    ]


def _alarms(
    db: Session, club_id: int, wanted: LogFilter, before: LogCursor | None, limit: int
) -> list[LogRow]:
    statement = (
        select(Alarm, Computer.name)
        .outerjoin(Computer, Computer.id == Alarm.computer_id)
        .where(Alarm.club_id == club_id)
        .order_by(Alarm.at.desc(), Alarm.id.desc())
        .limit(limit)
    )
    if wanted.computer_id is not None:
        statement = statement.where(Alarm.computer_id == wanted.computer_id)
    statement = statement.where(*_between(Alarm.at, Alarm.id, _ALARM, wanted, before))
    return [
        LogRow(
            at=alarm.at,
            source=_ALARM,
            id=alarm.id,
            kind="alarm",
            actor_name="",
            address="",
            computer_name=computer or "",
            customer_login="",
            customer_name="",
            guest_name=None,
            application_title="",
            data={**alarm.data, "alarm": alarm.kind, "closed": alarm.closed_at is not None},
        )
        for alarm, computer in db.execute(statement)
    ]


def _between(
    at: InstrumentedAttribute[int],
    row_id: InstrumentedAttribute[int],
    source: int,
    wanted: LogFilter,
    before: LogCursor | None,
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.from_at is not None:
        conditions.append(at >= wanted.from_at)
    if wanted.until_at is not None:
        conditions.append(at < wanted.until_at)
    if before is None:
        return conditions
    # `at <=` lets the index skip what was shown; the rest settles rows of the same second.
    conditions.append(at <= before.at)
    if source > before.source:
        conditions.append(at < before.at)
    elif source == before.source:
        conditions.append(or_(at < before.at, row_id < before.id))
    return conditions


def last_stored_at(db: Session, club_id: int) -> int | None:
    """The latest instant that was written down: of an event, or of a PC's sign of life."""
    instants = (
        db.scalar(select(func.max(Event.at)).where(Event.club_id == club_id)),
        db.scalar(select(func.max(Computer.last_seen_at)).where(Computer.club_id == club_id)),
    )
    return max((instant for instant in instants if instant is not None), default=None)
