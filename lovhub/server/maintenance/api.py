"""Opening a PC without a customer, and codes for those that have no link, for programs."""

from http import HTTPStatus
from typing import Annotated, Literal

from flask import Response
from pydantic import BaseModel, Field

from lovhub.server.maintenance import codes, rules, service
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Line, answer, blueprint, done

api = blueprint("maintenance", "computers")


class PcPath(BaseModel):
    """Which PC."""

    computer_id: int


class Opening(Asked):
    """What is to be done there, and for how many minutes at most."""

    reason: Line
    minutes: Annotated[int, Field(ge=rules.LEAST_MINUTES, le=rules.MOST_MINUTES)]


class UpkeepCodeAsked(Asked):
    """The number on the PC's lock, what is to be done there, and for how many minutes."""

    number: Line
    reason: Line
    minutes: Literal[15, 30, 60, 120]


class UpkeepCodeGiven(BaseModel):
    """Twelve digits, the caller's own; a PC that knows the time takes them until `until_at`, UTC epoch seconds."""

    code: str
    until_at: int


@api.post("/computers/<int:computer_id>/maintenance", responses={HTTPStatus.OK: Done})
def begin(path: PcPath, body: Opening) -> Response:
    """Open the PC without a customer; 409 `computer_busy` while somebody plays there."""
    service.begin(
        current.club(),
        computer_id=path.computer_id,
        minutes=body.minutes,
        reason=body.reason,
        actor=current.actor(),
    )
    return done()


@api.delete("/computers/<int:computer_id>/maintenance", responses={HTTPStatus.OK: Done})
def end(path: PcPath) -> Response:
    """Lock it again, before its time is over."""
    service.end(current.club(), computer_id=path.computer_id, actor=current.actor())
    return done()


@api.post(
    "/computers/<int:computer_id>/maintenance-codes", responses={HTTPStatus.OK: UpkeepCodeGiven}
)
def give_code(path: PcPath, body: UpkeepCodeAsked) -> Response:
    """A code that opens the PC with this number on its lock, linked or not."""
    given = codes.give(
        current.club(),
        computer_id=path.computer_id,
        number=body.number,
        minutes=body.minutes,
        reason=body.reason,
        actor=current.actor(),
    )
    return answer(UpkeepCodeGiven(code=given.code, until_at=given.until_at))
