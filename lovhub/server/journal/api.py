"""What happened, for programs."""

from http import HTTPStatus
from typing import Any, Literal

from flask import Response
from pydantic import BaseModel, Field

from lovhub.server.journal import log, queries, sentences, service, standing
from lovhub.server.journal.log import LogFilter
from lovhub.server.journal.texts import alarm_text
from lovhub.server.ledger import sittings
from lovhub.server.sessions import vouching
from lovhub.server.web import current
from lovhub.server.web.api import (
    Asked,
    Cursor,
    Done,
    Id,
    Line,
    Question,
    answer,
    api_place,
    blueprint,
    done,
)
from lovhub.server.web.navigation import may

api = blueprint("journal", "journal")

LogKind = Literal[
    "launch", "sign_in", "customer", "session", "money", "computer", "alarm", "call", "staff"
]
"""The keys of `log.KINDS`."""


_FOR_CHECKS = {standing.VOUCHED, vouching.ROW, sittings.SITTINGS}
"""What an event holds of rows for `lovhub ledger check`, which says nothing to anybody."""


class LaunchQuery(Question):
    """Which launches; instants as in the log. `before_id` and `before_at` are the `next` of the part before."""

    computer_id: Id | None = None
    customer_id: Id | None = None
    application_id: Id | None = None
    from_at: Id | None = None
    until_at: Id | None = None
    before_id: Id | None = None
    before_at: Id | None = None


class LaunchShown(BaseModel):
    """A program that a player started. `ran_seconds` None: not known to have ended."""

    id: int
    started_at: int
    computer_name: str
    customer_login: str
    application_title: str
    ran_seconds: int | None


class Next(BaseModel):
    """Where to go on."""

    before_id: int
    before_at: int


class LaunchList(BaseModel):
    """Part of the list, the newest first."""

    launches: list[LaunchShown]
    next: Next | None


class LogQuery(Question):
    """Which lines. `before` is the `next` of the part before; instants in UTC epoch seconds, `until_at` exclusive.

    `staff_id`: only what this person did; `application_id`: only launches of it.
    """

    kind: LogKind | None = None
    computer_id: Id | None = None
    customer_id: Id | None = None
    application_id: Id | None = None
    staff_id: Id | None = None
    from_at: Id | None = None
    until_at: Id | None = None
    before: Cursor | None = None
    limit: int = Field(50, ge=1, le=100)


class LogLine(BaseModel):
    """A line of the log. `kind` and `data` are for programs, `text` is the line as people read it."""

    at: int
    kind: str
    text: str
    actor_name: str
    computer_name: str
    customer_login: str
    application_title: str
    data: dict[str, Any]


class Log(BaseModel):
    """Part of the log, the newest first."""

    lines: list[LogLine]
    next: str | None


class AlarmShown(BaseModel):
    """An alarm nobody has closed; `computer_name` empty: it is not about one PC; `taken_by`: who sees to it."""

    id: int
    kind: str
    at: int
    computer_id: int | None
    computer_name: str
    text: str
    taken_by: str


class AlarmList(BaseModel):
    """Open alarms, the newest first."""

    alarms: list[AlarmShown]


class AlarmPath(BaseModel):
    """Which alarm."""

    alarm_id: int


class CloseAlarm(Asked):
    """What it was."""

    note: Line = ""


@api.get("/launches", responses={HTTPStatus.OK: LaunchList})
def list_launches(query: LaunchQuery) -> Response:
    """Launches of games and programs."""
    club = current.club()
    before = None
    if query.before_id is not None and query.before_at is not None:
        before = log.place(query.before_at, log.LAUNCH, query.before_id)
    wanted = LogFilter(
        kind="launch",
        computer_id=query.computer_id,
        customer_id=query.customer_id,
        application_id=query.application_id,
        from_at=query.from_at,
        until_at=query.until_at,
    )
    with club.read() as db:
        page = log.page(db, club.club_id, wanted, place=before)
    launches = [
        LaunchShown(
            id=row.id,
            started_at=row.at,
            computer_name=row.computer_name,
            customer_login=row.customer_login,
            application_title=row.application_title,
            ran_seconds=row.ran_seconds,
        )
        for row in page.rows
    ]
    last = page.rows[-1] if page.next else None
    following = Next(before_id=last.id, before_at=last.at) if last else None
    return answer(LaunchList(launches=launches, next=following))


@api.get("/log", responses={HTTPStatus.OK: Log})
def show_log(query: LogQuery) -> Response:
    """Launches, sign-ins, sessions, money, alarms and changes of settings, as one list."""
    club = current.club()
    wanted = LogFilter(
        kind=query.kind or "",
        computer_id=query.computer_id,
        customer_id=query.customer_id,
        application_id=query.application_id,
        staff_id=query.staff_id,
        from_at=query.from_at,
        until_at=query.until_at,
        without_money=not may("see_customers"),
    )
    place = api_place(query.before, "before")
    with club.read() as db:
        page = log.page(db, club.club_id, wanted, place=place, limit=query.limit)
    lines = [
        LogLine(
            at=row.at,
            kind=row.kind,
            text=sentences.sentence(row),
            actor_name=row.actor_name,
            computer_name=row.computer_name,
            customer_login=row.customer_login,
            application_title=row.application_title,
            data={name: value for name, value in row.data.items() if name not in _FOR_CHECKS},
        )
        for row in page.rows
    ]
    return answer(Log(lines=lines, next=page.next.written() if page.next else None))


@api.get("/alarms", responses={HTTPStatus.OK: AlarmList})
def list_alarms() -> Response:
    """Alarms that wait for somebody."""
    club = current.club()
    with club.read() as db:
        alarms = queries.open_alarms(db, club.club_id)
    shown = [
        AlarmShown(
            id=alarm.alarm_id,
            kind=alarm.kind,
            at=alarm.at,
            computer_id=alarm.computer_id,
            computer_name=alarm.computer_name,
            text=alarm_text(alarm.kind, alarm.computer_name, alarm.data),
            taken_by=alarm.taken_by,
        )
        for alarm in alarms
    ]
    return answer(AlarmList(alarms=shown))


@api.post("/alarms/<int:alarm_id>/take", responses={HTTPStatus.OK: Done})
def take_alarm(path: AlarmPath) -> Response:
    """See to it. 409 `already_taken` if somebody else does."""
    service.take_alarm(current.club(), alarm_id=path.alarm_id, actor=current.actor())
    return done()


@api.post("/alarms/<int:alarm_id>/close", responses={HTTPStatus.OK: Done})
def close_alarm(path: AlarmPath, body: CloseAlarm) -> Response:
    """Somebody has seen to it."""
    service.close_alarm(
        current.club(), alarm_id=path.alarm_id, actor=current.actor(), note=body.note
    )
    return done()
