"""What needs a person, for programs."""

from http import HTTPStatus
from typing import Any

import msgspec
from flask import Response
from pydantic import BaseModel

from lovhub.server.attention import service
from lovhub.server.live import needing_a_person
from lovhub.server.web import current
from lovhub.server.web.api import Done, answer, blueprint, done

api = blueprint("attention", "attention")


class CallPath(BaseModel):
    """Which call."""

    call_id: int


class SessionPath(BaseModel):
    """Which session."""

    session_id: int


class Attention(BaseModel):
    """Open calls, open alarms and sessions that end within ten minutes, or stop for the night within thirty.

    Seconds, never deadlines.
    """

    calls: list[dict[str, Any]]
    alarms: list[dict[str, Any]]
    endings: list[dict[str, Any]]


@api.get("/attention", responses={HTTPStatus.OK: Attention})
def show() -> Response:
    """Everything that waits for somebody."""
    waiting = needing_a_person(current.server().hall.attention())
    return answer(Attention.model_validate(msgspec.to_builtins(waiting)))


@api.post("/calls/<int:call_id>/take", responses={HTTPStatus.OK: Done})
def take_call(path: CallPath) -> Response:
    """Go there. 409 `already_taken` if somebody else does."""
    service.take_call(current.club(), call_id=path.call_id, actor=current.actor())
    return done()


@api.post("/calls/<int:call_id>/close", responses={HTTPStatus.OK: Done})
def close_call(path: CallPath) -> Response:
    """The player has been helped."""
    service.close_call(current.club(), call_id=path.call_id, actor=current.actor())
    return done()


@api.post("/sessions/<int:session_id>/dismiss-ending", responses={HTTPStatus.OK: Done})
def dismiss_ending(path: SessionPath) -> Response:
    """The end of this session needs nobody any more; one that is put off is news again."""
    service.dismiss_shown_ending(
        current.club(), current.server().hall.snapshot(), path.session_id, current.actor()
    )
    return done()
