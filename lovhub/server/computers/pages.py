"""The live page of the hall, and what is done to a PC itself."""

import msgspec
from flask import Blueprint, Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.computers import queries, service
from lovhub.server.computers.forms import MessageForm, RenameForm
from lovhub.server.computers.models import Computer
from lovhub.server.errors import OperationRefused
from lovhub.server.live import LiveSnapshot
from lovhub.server.web import current, forms, texts
from lovhub.server.web.forms import Form

pages = Blueprint("computers", __name__, url_prefix="/admin/computers")


def _json(snapshot: LiveSnapshot) -> str:
    return msgspec.json.encode({"type": "snapshot", **msgspec.structs.asdict(snapshot)}).decode()


@pages.get("")
def index() -> ResponseReturnValue:
    """The hall, live."""
    snapshot = current.server().hall.snapshot()
    return render_template("computers/index.html", snapshot_json=_json(snapshot))


@pages.get("/live.json")
def live() -> ResponseReturnValue:
    """The same picture for a page whose live connection is cut off."""
    return Response(_json(current.server().hall.snapshot()), mimetype="application/json")


@pages.route("/<int:computer_id>/rename", methods=["GET", "POST"])
def rename(computer_id: int) -> ResponseReturnValue:
    """Give the PC another name."""
    computer = _computer(computer_id)
    form = RenameForm(data={"name": computer.name})
    if form.validate_on_submit():
        try:
            service.rename(
                current.club(),
                computer_id=computer_id,
                name=form.name.data or "",
                actor=current.actor(),
            )
        except OperationRefused as refusal:
            form.name.errors = [texts.refusal_of(refusal)]
        else:
            return forms.done(_("ПК переименован"), url_for("computers.index"))
    return forms.show_form("computers/rename.html", form, computer=computer)


@pages.route("/<int:computer_id>/message", methods=["GET", "POST"])
def message(computer_id: int) -> ResponseReturnValue:
    """Show the player a message."""
    computer = _computer(computer_id)
    form = MessageForm()
    if form.validate_on_submit():
        try:
            current.server().commands.send_message(
                computer_id, form.text.data or "", current.actor()
            )
        except OperationRefused as refusal:
            form.text.errors = [texts.refusal_of(refusal)]
        else:
            return forms.done(_("Сообщение отправлено"), url_for("computers.index"))
    return forms.show_form("computers/message.html", form, computer=computer)


@pages.route("/pairings/<pairing_id>/approve", methods=["GET", "POST"])
def approve(pairing_id: str) -> ResponseReturnValue:
    """Take a waiting PC into the club, once the codes were compared."""
    return _pairing(pairing_id, approve_it=True)


@pages.route("/pairings/<pairing_id>/refuse", methods=["GET", "POST"])
def refuse(pairing_id: str) -> ResponseReturnValue:
    """Send a waiting PC away."""
    return _pairing(pairing_id, approve_it=False)


def _pairing(pairing_id: str, *, approve_it: bool) -> ResponseReturnValue:
    desk = current.server().pairings
    waiting = {pending.pairing_id: pending for pending in current.server().hall.snapshot().pairings}
    form = Form()
    if form.validate_on_submit():
        try:
            if approve_it:
                desk.approve(pairing_id, current.actor())
                return forms.done(_("ПК подключён"), url_for("computers.index"))
            desk.refuse(pairing_id, current.actor())
            return forms.done(_("ПК отклонён"), url_for("computers.index"))
        except OperationRefused as refusal:
            form.show(refusal)
    pending = waiting.get(pairing_id)
    if pending is None and not form.form_errors:
        raise OperationRefused("pairing_gone")
    return forms.show_form(
        "computers/pairing.html", form, pending=pending, pairing_id=pairing_id, approve=approve_it
    )


def _computer(computer_id: int) -> Computer:
    with current.club().read() as db:
        computer = queries.by_id(db, current.club().club_id, computer_id)
    if computer is None or computer.revoked_at is not None:
        abort(404)
    return computer
