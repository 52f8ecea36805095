"""Updates of the PCs in the web admin."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.updates import queries, rules, service, texts
from lovhub.server.web import current
from lovhub.server.web.forms import Form

pages = Blueprint("updates", __name__, url_prefix="/admin/updates")


@pages.get("")
def index() -> ResponseReturnValue:
    """Which PC has which version, and what is the matter with those that have another."""
    turns = current.server().updates
    version, seen = turns.version, turns.seen()
    with current.club().read() as db:
        held = queries.held(db, current.club().club_id)
    states = [rules.shown(one.standing, version) for one in seen]
    looks = {state: texts.look(state) for state in set(states)}
    rows = [(one.known, looks[state]) for one, state in zip(seen, states, strict=True)]
    return render_template(
        "updates/index.html",
        form=Form(),
        carried=version,
        rows=rows,
        current=states.count("current"),
        held=held,
        why=texts.why,
    )


@pages.post("/hold")
def hold() -> ResponseReturnValue:
    """No further PC."""
    service.hold(current.club(), actor=current.actor())
    flash(_("Обновление ПК остановлено"))
    return redirect(url_for("updates.index"), 303)


@pages.post("/allow")
def allow() -> ResponseReturnValue:
    """The PCs may have it."""
    service.allow(current.club(), actor=current.actor())
    flash(_("Обновление ПК разрешено"))
    return redirect(url_for("updates.index"), 303)


@pages.post("/computers/<int:computer_id>/again")
def try_again(computer_id: int) -> ResponseReturnValue:
    """Once more."""
    service.try_again(current.club(), computer_id=computer_id, actor=current.actor())
    flash(_("ПК попробует ещё раз, когда освободится"))
    return redirect(url_for("updates.index"), 303)
