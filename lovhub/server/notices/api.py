"""Messages to the owner, for programs."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Literal

from flask import Response
from pydantic import BaseModel, ConfigDict

from lovhub.server.notices import queries, rules, service
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Line, answer, blueprint, done

api = blueprint("notices", "notices")


class Target(Asked):
    """Where messages go; "" where that way is not wanted. What is left out stays as it is."""

    email: Line
    telegram: Line
    apprise: bool | None = None
    troubles: bool | None = None
    daily_head: bool | None = None


class NoticeShown(BaseModel):
    """A message and what became of it. `trouble`: which one it tells of. `problem`: a code for why it did not go."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    kind: str
    way: Literal["email", "telegram", "apprise"]
    shift_number: int | None
    created_at: int
    attempts: int
    state: Literal["waiting", "sent", "given_up"]
    ended_at: int | None
    problem: str
    trouble: str


class NoticesShown(BaseModel):
    """Where messages go and of what, which ways `config.ini` has set up, and the newest messages.

    `outpost`: whether somebody outside waits for signs of life.
    """

    email: str
    telegram: str
    apprise: bool
    troubles: bool
    daily_head: bool
    outpost: bool
    set_up: list[str]
    latest: list[NoticeShown]


@api.get("/notices", responses={HTTPStatus.OK: NoticesShown})
def show() -> Response:
    """Messages to the owner."""
    club = current.club()
    with club.read() as db:
        target = queries.target(db, club.club_id)
        latest = queries.latest(db, club.club_id)
    known = current.server().ways.by_name
    return answer(
        NoticesShown(
            **asdict(target),
            outpost=current.server().ways.outpost is not None,
            set_up=[way for way in rules.WAYS if way in known],
            latest=[NoticeShown.model_validate(row) for row in latest],
        )
    )


@api.put("/notices/target", responses={HTTPStatus.OK: Done})
def set_target(body: Target) -> Response:
    """Send messages there from now on."""
    service.set_target(
        current.club(),
        email=body.email,
        telegram=body.telegram,
        apprise=body.apprise,
        of_troubles=body.troubles,
        daily_head=body.daily_head,
        actor=current.actor(),
    )
    return done()


@api.post("/notices/test", responses={HTTPStatus.OK: Done})
def send_test() -> Response:
    """Send a message to see whether it arrives."""
    service.send_test(current.club(), actor=current.actor())
    return done()
