"""Asking for the password again before what hurts most: where money's words go, and who may do what.

An open desk is open: whoever sits down at it can sell, but not make themselves a manager. A form that comes too late
after the last time is answered by a question for the password, which carries all that was typed; with the right
password it goes through as if nothing had been asked.

A week after the sign-in it is asked before anything that is sent, and the second factor's code with it. An open page
asks in a dialog above what it shows.
"""

from flask import Request, Response, after_this_request, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from lovhub.server.errors import OperationRefused
from lovhub.server.staff import endpoints, own, rules, service
from lovhub.server.web import current, errors, guard, refusals

FIELD = "confirm_password"
CODE_FIELD = "confirm_code"

_JUST_NOW = "password_confirmed"


def is_fresh() -> bool:
    """Whether whoever is signed in has given the password a moment ago."""
    since = current.club().clock.now() - current.signed_in().session.confirmed_at
    return since < rules.CONFIRMED_SECONDS or bool(g.get(_JUST_NOW))


def ask_if_overdue() -> ResponseReturnValue | None:
    """The question for the password, where the sign-in was too long ago and something is to be done."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return None
    person = current.person()
    if (
        person is None
        or not person.is_overdue
        or request.endpoint in endpoints.OVERDUE | endpoints.OPEN
    ):
        return None
    if current.is_htmx():
        return Response(status=401, headers={"HX-Trigger": "lovhub:begin_anew"})
    if request.mimetype == "application/octet-stream":  # by a script, piece by piece
        return jsonify(error=refusals.refusal("sign_in_overdue")), 401
    problem = ""
    if FIELD in request.form:
        try:
            token = service.begin_anew(
                current.club(),
                person=person.staff,
                staff_session_id=person.session.id,
                password=request.form[FIELD],
                code=request.form.get(CODE_FIELD, ""),
                address=current.address(),
                user_agent=request.headers.get("User-Agent", ""),
            )
        except OperationRefused as refusal:
            problem = refusals.refusal_of(refusal)
        else:
            _let_through(token)
            return None
    return _question(problem, asks_code=person.staff.has_second_factor)


def _let_through(token: str) -> None:
    """The session that was read for this request is as it was; the answer carries the new token."""

    def carry(response: Response) -> Response:
        carried = response.headers.getlist("Set-Cookie")
        if not any(line.startswith(f"{guard.COOKIE}=") for line in carried):
            guard.set_cookie(response, token)
        return response

    after_this_request(carry)
    setattr(g, _JUST_NOW, True)


def ask_if_stale(asked: Request) -> ResponseReturnValue | None:
    """The question for the password, where that was given too long ago for what is asked."""
    rule = asked.url_rule
    if rule is None or rule.endpoint not in endpoints.CONFIRMED or asked.method == "OPTIONS":
        return None
    # A page only shows the form; what a program asks for has no form before it, so there reading counts as well.
    if asked.method in {"GET", "HEAD"} and not current.is_api():
        return None
    person = current.signed_in()
    if is_fresh():
        return None
    if current.is_api():
        return errors.api_error("confirmation_needed", 403)
    problem = ""
    if FIELD in request.form:
        try:
            own.confirm(
                current.club(),
                password=request.form[FIELD],
                staff_session_id=person.session.id,
                actor=person.actor,
            )
        except OperationRefused as refusal:
            problem = refusals.refusal_of(refusal)
        else:
            setattr(g, _JUST_NOW, True)  # the session that was read for this request is as it was
            return None
    return _question(problem)


def _question(problem: str, *, asks_code: bool | None = None) -> Response:
    """What was typed, and a field for the password; `asks_code`: None where no new sign-in is asked for."""
    page = render_template(
        "confirm_password.html",
        layout="part.html" if current.is_htmx() else "page.html",
        address=request.full_path.rstrip("?"),
        carried=[
            (name, value)
            for name, values in request.form.lists()
            if name not in {FIELD, CODE_FIELD}
            for value in values
        ],
        problem=problem,
        is_overdue=asks_code is not None,
        asks_code=asks_code,
    )
    return Response(page, 422)
