"""The club itself: its settings, and what it still lacks on its first evening."""

from dataclasses import asdict, replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.club import demo, service, set_up
from lovhub.server.club import first_evening as first_evening_steps
from lovhub.server.club.forms import SettingsForm
from lovhub.server.errors import OperationRefused
from lovhub.server.web import current, forms, navigation
from lovhub.server.web.forms import Form
from lovhub.traces import DEFAULT

pages = Blueprint("club", __name__)


pages.add_url_rule("/setup", "set_up", set_up.set_up, methods=["GET", "POST"])


@pages.route("/admin/settings", methods=["GET", "POST"])
def settings() -> ResponseReturnValue:
    """What the owner may set, each with what it means; a manager reads it."""
    club = current.club()
    with club.read() as db:
        before = service.settings_of(service.get(db, club.club_id))
        locked = service.currency_is_locked(db, club.club_id)
    may_change = navigation.may("change_settings")
    minutes = {
        "lease_minutes": before.lease_seconds // 60,
        "grace_minutes": before.grace_seconds // 60,
    }
    if request.args.get("traces") == "usual":  # offered, and saved by nobody but the owner
        before = replace(before, traces=DEFAULT)
    form = SettingsForm(data={**asdict(before), **minutes})
    if form.is_submitted() and not may_change:
        raise OperationRefused("forbidden")
    if form.validate_on_submit():
        with form.showing_refusals(lease_seconds="lease_minutes", grace_seconds="grace_minutes"):
            changed = service.change_settings(club, settings=form.settings(), actor=current.actor())
            flash(_("Настройки сохранены.") if changed else _("Ничего не изменилось."))
            return redirect(url_for("club.settings"), 303)
    page = render_template(
        "club/settings.html", form=form, may_change=may_change, currency_locked=locked
    )
    return page, 422 if form.errors or form.form_errors else 200


@pages.get("/admin/first-evening")
def first_evening() -> ResponseReturnValue:
    """What there is still to do before the first player sits down."""
    club = current.club()
    row = current.club_row()
    with club.read() as db:
        steps = first_evening_steps.steps(db, row, current.server().keeper)
        examples = demo.is_there(db, club.club_id)
    return render_template(
        "club/first_evening.html",
        steps=steps,
        demo=examples,
        closed=row.checklist_closed_at is not None,
        form=Form(),
    )


@pages.post("/admin/first-evening/close")
def close_first_evening() -> ResponseReturnValue:
    """Put the list away from the dashboard, or back on it."""
    shown = service.put_checklist_away(current.club(), actor=current.actor())
    message = _("Список снова на дашборде") if shown else _("Список убран с дашборда")
    return forms.done(message, url_for("club.first_evening"))


@pages.post("/admin/first-evening/demo/remove")
def remove_demo() -> ResponseReturnValue:
    """Take the examples away."""
    demo.remove(current.club(), current.actor())
    return forms.done(_("Примеры убраны"), url_for("club.first_evening"))
