"""The club itself: its set-up, once, by whoever can read the server's console; and its settings."""

import hmac
from dataclasses import asdict

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.club import service
from lovhub.server.club.forms import SettingsForm, SetUpForm
from lovhub.server.errors import OperationRefused
from lovhub.server.staff import queries as staff_queries
from lovhub.server.staff import service as staff_service
from lovhub.server.web import current, navigation, texts

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
                time_zone=(form.time_zone.data or "").strip(),
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


@pages.route("/admin/settings", methods=["GET", "POST"])
def settings() -> ResponseReturnValue:
    """What the owner may set, each with what it means; a manager reads it."""
    club = current.club()
    with club.read() as db:
        before = service.settings_of(service.get(db, club.club_id))
        locked = service.money_was_booked(db, club.club_id)
    may_change = navigation.may("change_settings")
    form = SettingsForm(data={**asdict(before), "lease_minutes": before.lease_seconds // 60})
    if form.is_submitted() and not may_change:
        raise OperationRefused("forbidden")
    if form.validate_on_submit():
        try:
            changed = service.change_settings(club, settings=form.settings(), actor=current.actor())
        except OperationRefused as refusal:
            form.show(refusal, lease_seconds="lease_minutes")
        else:
            flash(_("Настройки сохранены.") if changed else _("Ничего не изменилось."))
            return redirect(url_for("club.settings"), 303)
    page = render_template(
        "club/settings.html", form=form, may_change=may_change, currency_locked=locked
    )
    return page, 422 if form.errors or form.form_errors else 200
