"""Signing in, in one step or two, and out."""

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as PlainResponse

from lovhub.server.errors import OperationRefused
from lovhub.server.staff import service
from lovhub.server.staff.forms import BeginAnewForm, CodeForm, SignInForm
from lovhub.server.staff.service import SecondFactorNeeded
from lovhub.server.web import current, errors, forms, guard

pages = Blueprint("staff", __name__)

_TICKET = "sign_in_ticket"
"""Where the browser keeps that the password was right: in the signed cookie of the forms."""


@pages.route("/admin/login", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """The sign-in page; afterwards one comes back to where one wanted to go."""
    goal = guard.safe_next(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(goal, 303)
    form = SignInForm()
    status = 200
    if form.validate_on_submit():
        try:
            token = service.sign_in(
                current.club(),
                login=form.login.data or "",
                password=form.password.data or "",
                address=current.address(),
                user_agent=request.headers.get("User-Agent", ""),
            )
        except SecondFactorNeeded as needed:
            session[_TICKET] = needed.ticket
            return redirect(url_for("staff.second_step", next=request.args.get("next")), 303)
        except OperationRefused as refusal:
            form.show(refusal)
            status = errors.status_of(refusal.code)
        else:
            return _signed_in(token, goal)
    return render_template("staff/sign_in.html", form=form), status


@pages.route("/admin/login/code", methods=["GET", "POST"])
def second_step() -> ResponseReturnValue:
    """The code of the telephone, after the password."""
    goal = guard.safe_next(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(goal, 303)
    ticket = str(session.get(_TICKET, ""))
    if service.ticket_holder(current.club(), ticket) is None:
        return redirect(url_for("staff.sign_in", next=request.args.get("next")), 303)
    form = CodeForm()
    status = 200
    if form.validate_on_submit():
        try:
            token = service.sign_in_with_code(
                current.club(),
                ticket=ticket,
                code=form.code.data or "",
                address=current.address(),
                user_agent=request.headers.get("User-Agent", ""),
            )
        except OperationRefused as refusal:
            form.show(refusal)
            status = errors.status_of(refusal.code)
        else:
            session.pop(_TICKET, None)
            return _signed_in(token, goal)
    return render_template("staff/code_step.html", form=form), status


@pages.route("/admin/login/again", methods=["GET", "POST"])
def begin_anew() -> ResponseReturnValue:
    """The password once more, a week after the sign-in: above an open page, or before the one that is asked for."""
    person = current.signed_in()
    if request.method == "GET" and not (person.is_overdue or current.is_htmx()):
        # Too late for this page they have signed in from the start, and were led back to it.
        return redirect(guard.safe_next(request.args.get("next")), 303)
    form = BeginAnewForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            token = service.begin_anew(
                current.club(),
                person=person.staff,
                staff_session_id=person.session.id,
                password=form.password.data or "",
                code=form.code.data or "",
                address=current.address(),
                user_agent=request.headers.get("User-Agent", ""),
            )
            response: PlainResponse
            if current.is_htmx():
                said = _("Вход продлён. Нажмите ещё раз то, что нажимали.")
                response = Response(
                    status=204, headers=errors.message_header("lovhub:begun_anew", said)
                )
            else:
                flash(_("Вход продлён."))
                response = redirect(guard.safe_next(request.args.get("next")), 303)
            guard.set_cookie(response, token)
            return response
    return forms.show_form("staff/begin_anew.html", form, person=person)


@pages.post("/admin/logout")
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    person = current.signed_in()
    service.sign_out(current.club(), staff_session_id=person.session.id, actor=person.actor)
    response = redirect(url_for("staff.sign_in"), 303)
    guard.clear_cookie(response)
    return response


def _signed_in(token: str, goal: str) -> ResponseReturnValue:
    response = redirect(goal, 303)
    guard.set_cookie(response, token)
    return response
