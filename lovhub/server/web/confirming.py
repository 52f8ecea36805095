"""Asking for the password again before what hurts most: where money's words go, and who may do what.

An open desk is open: whoever sits down at it can sell, but not make themselves a manager. A form that comes too late
after the last time is answered by a question for the password, which carries all that was typed; with the right
password it goes through as if nothing had been asked.
"""

from flask import Flask, Response, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from lovhub.server.errors import OperationRefused
from lovhub.server.staff import endpoints, own, rules
from lovhub.server.web import current, errors, refusals

FIELD = "confirm_password"

_JUST_NOW = "password_confirmed"


def install(app: Flask) -> None:
    """After the guard and after the form's token: only who may do it at all is asked."""
    app.before_request(_ask_if_stale)


def is_fresh() -> bool:
    """Whether whoever is signed in has given the password a moment ago."""
    since = current.club().clock.now() - current.signed_in().session.confirmed_at
    return since < rules.CONFIRMED_SECONDS or bool(g.get(_JUST_NOW))


def _ask_if_stale() -> ResponseReturnValue | None:
    # A page only shows the form; what a program asks for has no form before it, so there reading counts as well.
    only_shows = request.method in {"GET", "HEAD"} and not current.is_api()
    if only_shows or request.method == "OPTIONS" or request.endpoint not in endpoints.CONFIRMED:
        return None
    if not current_user.is_authenticated:
        abort(401)
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
    page = render_template(
        "confirm_password.html",
        layout="part.html" if current.is_htmx() else "page.html",
        address=request.full_path.rstrip("?"),
        carried=[
            (name, value)
            for name, values in request.form.lists()
            if name != FIELD
            for value in values
        ],
        problem=problem,
    )
    return Response(page, 422)
