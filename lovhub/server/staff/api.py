"""Signing in to the API."""

from http import HTTPStatus

from flask import Response, request
from pydantic import BaseModel, Field

from lovhub.server.staff import service
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Line, Secret, answer, blueprint, done

api = blueprint("staff", "session", signed_in=False)


class Credentials(Asked):
    """Who signs in."""

    login: Line
    password: Secret
    code: Line = Field(
        "",
        description="Of the second factor, for those who have one: from the telephone, or a recovery code.",
    )


class SignedIn(BaseModel):
    """The token of a staff session, to be sent as `Authorization: Bearer …`."""

    token: str


@api.post("/session", responses={HTTPStatus.CREATED: SignedIn})
def sign_in(body: Credentials) -> Response:
    """Sign in."""
    token = service.sign_in(
        current.club(),
        login=body.login,
        password=body.password,
        code=body.code,
        address=current.address(),
        user_agent=request.user_agent.string,
    )
    return answer(SignedIn(token=token), HTTPStatus.CREATED)


@api.delete("/session", responses={HTTPStatus.OK: Done}, security=[{"staff": []}])
def sign_out() -> Response:
    """Sign out: the token opens nothing from now on."""
    person = current.signed_in()
    service.sign_out(current.club(), staff_session_id=person.session.id, actor=person.actor)
    return done()
