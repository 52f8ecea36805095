"""Signing in and out."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from lovhub.server.errors import OperationRefused
from lovhub.server.staff import service
from lovhub.server.staff.forms import SignInForm
from lovhub.server.web import current, errors, guard

pages = Blueprint("staff", __name__)


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
        except OperationRefused as refusal:
            form.show(refusal)
            status = errors.status_of(refusal.code)
        else:
            response = redirect(goal, 303)
            guard.set_cookie(response, token)
            return response
    return render_template("staff/sign_in.html", form=form), status


@pages.post("/admin/logout")
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    person = current.signed_in()
    service.sign_out(current.club(), staff_session_id=person.session.id, actor=person.actor)
    response = redirect(url_for("staff.sign_in"), 303)
    guard.clear_cookie(response)
    return response
