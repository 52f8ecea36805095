"""Opening a PC without a customer, and locking it again, from the hall and from the PC's page; codes for silent PCs."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.protocol.upkeep_code import grouped
from lovhub.server.computers import queries as computers
from lovhub.server.maintenance import codes, rules, service
from lovhub.server.maintenance.forms import CodeForm, MaintenanceForm
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


@pages.route("/<int:computer_id>/maintenance-code", methods=["GET", "POST"])
def code(computer_id: int) -> ResponseReturnValue:
    """A code that opens the PC with this number on its lock, with a link or without; shown once."""
    name, form = _name(computer_id), CodeForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            given = codes.give(
                current.club(),
                computer_id=computer_id,
                number=form.number.data or "",
                minutes=form.minutes.data,
                reason=form.reason.data or "",
                actor=current.actor(),
            )
            return render_template(
                "maintenance/code.html",
                layout="part.html" if current.is_htmx() else "page.html",
                name=name,
                code=grouped(given.code, 4),
                until_at=given.until_at,
                minutes=form.minutes.data,
                back=_back(computer_id),
            )
    return forms.show_form(
        "maintenance/give_code.html", form, computer_id=computer_id, name=name, rules=rules
    )


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
