"""A PC's page: what it is made of, how it is, what happened on it, and what can be done from here."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lovhub.server.computers import queries as computers
from lovhub.server.computers import service as computers_service
from lovhub.server.computers.models import Computer
from lovhub.server.journal.sentences import end_reason
from lovhub.server.journal.texts import alarm_text
from lovhub.server.live import HallRow
from lovhub.server.pc import queries
from lovhub.server.pc.rules import GIB
from lovhub.server.remote import texts as remote_texts
from lovhub.server.web import current, forms, texts
from lovhub.server.web.forms import Form

pages = Blueprint("pc", __name__, url_prefix="/admin/computers")

_LINKS = {
    "linked": _l("на связи"),
    "lost": _l("связь потеряна"),
    "off": _l("не на связи"),
    "switched_off": _l("выключен"),
}
_LOCKS = {"locked": _l("закрыт"), "unlocked": _l("открыт"), "broken": _l("сломан")}


@pages.get("/<int:computer_id>")
def show(computer_id: int) -> ResponseReturnValue:
    """Everything about one PC."""
    club = current.club()
    computer = _computer(computer_id)
    with club.read() as db:
        hardware = queries.hardware(db, computer_id)
        last_seen_at = computers.last_seen_at(db, club.club_id, computer_id)
        parts = {what: read(db, computer_id, None) for what, read in queries.HISTORY.items()}
    return render_template(
        "pc/show.html",
        computer=computer,
        row=_row(computer_id),
        hardware=hardware,
        last_seen_at=last_seen_at,
        parts=parts,
        awaiting=any(command.state == "sent" for (command,) in parts["commands"].rows),
        links=_LINKS,
        problem_texts=texts.PROBLEMS,
        locks=_LOCKS,
        **_words(),
    )


@pages.get("/<int:computer_id>/history")
def history(computer_id: int) -> ResponseReturnValue:
    """An older part of one of the page's lists; without a script, the page itself."""
    _computer(computer_id)
    what = request.args.get("of", "")
    if what not in queries.HISTORY or not current.is_htmx():
        return redirect(url_for("pc.show", computer_id=computer_id), 303)
    with current.club().read() as db:
        part = queries.HISTORY[what](db, computer_id, current.number(request.args.get("before")))
    return render_template(
        "pc/history.html", computer_id=computer_id, what=what, part=part, **_words()
    )


@pages.route("/<int:computer_id>/revoke", methods=["GET", "POST"])
def revoke(computer_id: int) -> ResponseReturnValue:
    """Take the PC out of the club."""
    computer = _computer(computer_id)
    form = Form()
    if form.validate_on_submit():
        with form.showing_refusals():
            computers_service.revoke(current.club(), computer_id=computer_id, actor=current.actor())
            return forms.done(_("ПК отключён от клуба"), url_for("computers.index"))
    return forms.show_form("pc/revoke.html", form, computer=computer)


def _words() -> dict[str, object]:
    return {
        "alarm_text": alarm_text,
        "end_reason": end_reason,
        "commands": remote_texts.COMMANDS,
        "states": remote_texts.STATES,
        "detail_of": remote_texts.detail,
        "gib": lambda size_bytes: round(size_bytes / GIB),
    }


def _row(computer_id: int) -> HallRow | None:
    rows = current.server().hall.snapshot(frozenset({computer_id})).rows
    return next((row for row in rows if row.computer_id == computer_id), None)


def _computer(computer_id: int) -> Computer:
    with current.club().read() as db:
        computer = computers.by_id(db, current.club().club_id, computer_id)
    if computer is None:
        abort(404)
    return computer
