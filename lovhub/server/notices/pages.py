"""Messages to the owner: where they go, a test, and what became of the last ones."""

from dataclasses import asdict

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.errors import OperationRefused
from lovhub.server.notices import queries, rules, service, texts
from lovhub.server.notices.forms import TargetForm
from lovhub.server.web import current, forms, navigation

pages = Blueprint("notices", __name__, url_prefix="/admin/notices")


@pages.route("", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """Who is told; an open page asks for its list again every few seconds."""
    club = current.club()
    may_change = navigation.may("change_settings")
    with club.read() as db:
        target = queries.target(db, club.club_id)
        latest = queries.latest(db, club.club_id)
    shown = {
        "latest": latest,
        "ways": current.server().ways,
        "names": texts.WAYS,
        "states": texts.STATES,
        "problems": texts.PROBLEMS,
        "troubles": texts.TROUBLES,
        "hours": rules.GIVE_UP_HOURS,
        "has_target": bool(target.by_way),
        "may_change": may_change,
    }
    if request.args.get("part") == "latest":
        return render_template("notices/latest.html", **shown)
    form = TargetForm(data=asdict(target))
    if form.is_submitted() and not may_change:
        raise OperationRefused("forbidden")
    if form.validate_on_submit():
        with form.showing_refusals():
            service.set_target(
                club,
                email=form.email.data or "",
                telegram=form.telegram.data or "",
                apprise=bool(form.apprise.data),
                of_troubles=bool(form.troubles.data),
                daily_head=bool(form.daily_head.data),
                actor=current.actor(),
            )
            flash(_("Сохранено."))
            return redirect(url_for("notices.index"), 303)
    page = render_template(
        "notices/index.html",
        form=form,
        **shown,
    )
    return page, 422 if form.errors or form.form_errors else 200


@pages.post("/test")
def send_test() -> ResponseReturnValue:
    """A message to see whether it arrives."""
    service.send_test(current.club(), actor=current.actor())
    return forms.done(_("Проверка отправляется: смотрите ниже, дошла ли"), url_for("notices.index"))
