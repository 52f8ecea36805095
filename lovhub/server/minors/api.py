"""Ages and the night, for programs."""

from http import HTTPStatus
from typing import Literal

from flask import Response
from pydantic import BaseModel

from lovhub.server.minors import service
from lovhub.server.sessions import codes
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Line, answer, blueprint, done

api = blueprint("minors", "minors")


class CustomerPath(BaseModel):
    """Which customer."""

    customer_id: int


class SessionPath(BaseModel):
    """Which session."""

    session_id: int


class Document(Asked):
    """What staff have read in a document: «2009-01-16», and what kind of document it was; never its number."""

    birth_date: Line
    document: Literal["id_card", "passport", "birth_certificate", "other"]


class Stay(Asked):
    """Why they may stay: staff saw a document of an adult, or a parent or guardian is there."""

    leave: Literal["adult", "accompanied"]


class RestCode(BaseModel):
    """The code for the rest, shown this once; valid until `expires_at` (UTC epoch seconds)."""

    code: str
    expires_at: int


@api.put("/customers/<int:customer_id>/age", responses={HTTPStatus.OK: Done})
def confirm_age(path: CustomerPath, body: Document) -> Response:
    """Confirm a birth date."""
    service.confirm_age(
        current.club(),
        customer_id=path.customer_id,
        birth_date=body.birth_date,
        document=body.document,
        actor=current.actor(),
    )
    return done()


@api.post("/sessions/<int:session_id>/let-stay", responses={HTTPStatus.OK: Done})
def let_stay(path: SessionPath, body: Stay) -> Response:
    """Let them stay at night, for this sitting."""
    service.let_stay(
        current.club(), session_id=path.session_id, leave=body.leave, actor=current.actor()
    )
    return done()


@api.post("/sessions/<int:session_id>/send-home", responses={HTTPStatus.CREATED: RestCode})
def send_home(path: SessionPath) -> Response:
    """End the sitting of a guest whom the night has stopped; the rest goes onto a code."""
    sent = codes.send_home(current.club(), session_id=path.session_id, actor=current.actor())
    return answer(RestCode(code=sent.code, expires_at=sent.expires_at), HTTPStatus.CREATED)
