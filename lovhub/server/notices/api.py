"""Messages about shifts, for programs."""

from http import HTTPStatus
from typing import Literal

from flask import Response
from pydantic import BaseModel, ConfigDict

from lovhub.server.notices import queries, rules, service
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Line, answer, blueprint, done

api = blueprint("notices", "notices")


class Target(Asked):
    """Where messages go; "" where that way is not wanted."""

    email: Line
    telegram: Line


class NoticeShown(BaseModel):
    """A message and what became of it. `problem`: a code for why it did not work last."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    kind: str
    way: Literal["email", "telegram"]
    shift_number: int | None
    created_at: int
    attempts: int
    state: Literal["waiting", "sent", "given_up"]
    ended_at: int | None
    problem: str


class NoticesShown(BaseModel):
    """Where messages go, which ways `config.ini` has set up, and the newest messages."""

    email: str
    telegram: str
    set_up: list[str]
    latest: list[NoticeShown]


@api.get("/notices", responses={HTTPStatus.OK: NoticesShown})
def show() -> Response:
    """Messages to the owner."""
    club = current.club()
    with club.read() as db:
        email, telegram = queries.target(db, club.club_id)
        latest = queries.latest(db, club.club_id)
    known = current.server().ways.by_name
    return answer(
        NoticesShown(
            email=email,
            telegram=telegram,
            set_up=[way for way in rules.WAYS if way in known],
            latest=[NoticeShown.model_validate(row) for row in latest],
        )
    )


@api.put("/notices/target", responses={HTTPStatus.OK: Done})
def set_target(body: Target) -> Response:
    """Send messages there from now on."""
    service.set_target(
        current.club(), email=body.email, telegram=body.telegram, actor=current.actor()
    )
    return done()


@api.post("/notices/test", responses={HTTPStatus.OK: Done})
def send_test() -> Response:
    """Send a message to see whether it arrives."""
    service.send_test(current.club(), actor=current.actor())
    return done()
