"""Opening a PC without a customer, and locking it again, from the hall and from the PC's page."""

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.computers import queries as computers
from lovhub.server.maintenance import rules, service
from lovhub.server.maintenance.forms import MaintenanceForm
from lovhub.server.web import current, forms

pages = Blueprint("maintenance", __name__, url_prefix="/admin/computers")


@pages.route("/<int:computer_id>/maintenance", methods=["GET", "POST"])
def begin(computer_id: int) -> ResponseReturnValue:
    """Open the PC for some minutes."""
    name, form = _name(computer_id), MaintenanceForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            service.begin(
                current.club(),
                computer_id=computer_id,
                minutes=form.minutes.data or 0,
                reason=form.reason.data or "",
                actor=current.actor(),
            )
            return forms.done(_("ПК открыт для обслуживания"), _back(computer_id))
    return forms.show_form(
        "maintenance/begin.html", form, computer_id=computer_id, name=name, rules=rules
    )


@pages.post("/<int:computer_id>/maintenance/end")
def end(computer_id: int) -> ResponseReturnValue:
    """Lock it again."""
    service.end(current.club(), computer_id=computer_id, actor=current.actor())
    return forms.done(_("Обслуживание закончено, ПК закрыт"), _back(computer_id))


def _back(computer_id: int) -> str:
    if request.args.get("from") == "pc":
        return url_for("pc.show", computer_id=computer_id)
    return url_for("computers.index")


def _name(computer_id: int) -> str:
    with current.club().read() as db:
        computer = computers.by_id(db, current.club().club_id, computer_id)
    if computer is None:
        abort(404)
    return computer.name
