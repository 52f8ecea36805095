"""What happened, for programs."""

from http import HTTPStatus

from flask import Response
from pydantic import BaseModel

from lovhub.server.journal import queries, service
from lovhub.server.journal.queries import LogCursor, LogFilter
from lovhub.server.web import current
from lovhub.server.web.api import Done, Id, answer, blueprint, done

api = blueprint("journal", "journal")


class LaunchQuery(BaseModel):
    """Which launches. `before_id` and `before_at` are the `next` of the part before."""

    computer_id: Id | None = None
    customer_id: Id | None = None
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


class AlarmPath(BaseModel):
    """Which alarm."""

    alarm_id: int


@api.get("/launches", responses={HTTPStatus.OK: LaunchList})
def list_launches(query: LaunchQuery) -> Response:
    """Launches of games and programs."""
    club = current.club()
    before = None
    if query.before_id is not None and query.before_at is not None:
        before = LogCursor(query.before_at, queries.LAUNCH, query.before_id)
    wanted = LogFilter(kind="launch", computer_id=query.computer_id, customer_id=query.customer_id)
    with club.read() as db:
        page = queries.log(db, club.club_id, wanted, before=before)
    launches = [
        LaunchShown(
            id=row.id,
            started_at=row.at,
            computer_name=row.computer_name,
            customer_login=row.customer_login,
            application_title=row.application_title,
            ran_seconds=row.data["ran_seconds"],
        )
        for row in page.rows
    ]
    following = Next(before_id=page.next.id, before_at=page.next.at) if page.next else None
    return answer(LaunchList(launches=launches, next=following))


@api.post("/alarms/<int:alarm_id>/close", responses={HTTPStatus.OK: Done})
def close_alarm(path: AlarmPath) -> Response:
    """Somebody has seen to it."""
    service.close_alarm(current.club(), alarm_id=path.alarm_id, actor=current.actor())
    return done()
