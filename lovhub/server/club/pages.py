"""The set-up: the club and its owner, made once, by whoever can read the server's console."""

import hmac

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.club.forms import SetUpForm
from lovhub.server.errors import OperationRefused
from lovhub.server.staff import queries as staff_queries
from lovhub.server.staff import service as staff_service
from lovhub.server.web import current, texts

pages = Blueprint("club", __name__)


@pages.route("/setup", methods=["GET", "POST"])
def set_up() -> ResponseReturnValue:
    """Make the club and its owner; afterwards this page leads to the sign-in."""
    with current.club().read() as db:
        if staff_queries.owner_exists(db, current.club().club_id):
            return redirect(url_for("staff.sign_in"), 303)
    expected = current.server().setup_token.encode()
    if not hmac.compare_digest(request.args.get("token", "").encode(), expected):
        return render_template("club/token_needed.html"), 403
    form = SetUpForm()
    if form.validate_on_submit():
        try:
            staff_service.set_up_club(
                current.club(),
                club_name=form.club_name.data or "",
                time_zone=form.time_zone.data,
                currency=form.currency.data,
                login=form.login.data or "",
                name=form.name.data or "",
                password=form.password.data or "",
            )
        except OperationRefused as refusal:
            form.show(refusal)
        else:
            flash(_("Клуб создан. Войдите как владелец."))
            return redirect(url_for("staff.sign_in"), 303)
    status = 422 if form.errors or form.form_errors else 200
    return render_template("club/set_up.html", form=form, texts=texts), status
