"""The state of the system in the admin."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lovhub.server.status import texts
from lovhub.server.web import current
from lovhub.server.web.forms import Form

pages = Blueprint("status", __name__)


@pages.get("/admin/status")
def index() -> ResponseReturnValue:
    """What the self-checks have found, and the facts behind them."""
    seen, findings = current.server().board.look()
    return render_template(
        "status/index.html",
        facts=seen,
        findings=findings,
        sentence=texts.sentence,
        hint=texts.hint,
        stores=current.server().keeper.store.is_wanted,
        form=Form(),
    )


@pages.post("/admin/status")
def look_again() -> ResponseReturnValue:
    """Look at everything anew, at the whole database, too."""
    current.server().board.look(deep=True)
    return redirect(url_for("status.index"), 303)
