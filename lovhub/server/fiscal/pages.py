"""Fiscal documents for the owner: what was sent, what waits and for how long, and sending again."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.fiscal import queries, sending, texts
from lovhub.server.web import current, forms

pages = Blueprint("fiscal", __name__, url_prefix="/admin/fiscal")


@pages.get("")
def index() -> ResponseReturnValue:
    """The newest first, or only those that are not confirmed."""
    club = current.club()
    only_open = request.args.get("show") == "open"
    with club.read() as db:
        waiting = queries.waiting(db, club.club_id, club.clock.now())
        rows, older = queries.page(
            db,
            club.club_id,
            before=current.number(request.args.get("before")),
            only_open=only_open,
        )
    return render_template(
        "fiscal/index.html",
        rows=rows,
        older=older,
        waiting=waiting,
        only_open=only_open,
        provider=current.server().fiscal.provider,
        states=texts.STATES,
        kinds=texts.KINDS,
    )


@pages.post("/<int:document_id>/send")
def send_again(document_id: int) -> ResponseReturnValue:
    """Another attempt now."""
    sending.send_again(current.club(), document_id=document_id, actor=current.actor())
    return forms.done(_("Отправляется ещё раз"), url_for("fiscal.index"))
