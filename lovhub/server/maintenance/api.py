"""Opening a PC without a customer, for programs."""

from http import HTTPStatus
from typing import Annotated

from flask import Response
from pydantic import BaseModel, Field

from lovhub.server.maintenance import rules, service
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Line, blueprint, done

api = blueprint("maintenance", "computers")


class PcPath(BaseModel):
    """Which PC."""

    computer_id: int


class Opening(Asked):
    """What is to be done there, and for how many minutes at most."""

    reason: Line
    minutes: Annotated[int, Field(ge=rules.LEAST_MINUTES, le=rules.MOST_MINUTES)]


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
