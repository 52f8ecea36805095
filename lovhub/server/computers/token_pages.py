"""Keys with which many PCs are installed: made, listed, revoked."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.computers import tokens
from lovhub.server.computers.forms import TokenForm
from lovhub.server.web import current

pages = Blueprint("pairing_tokens", __name__, url_prefix="/admin/computers/pairing-tokens")

_THIS_COMPUTER = ("127.0.0.1", "::1")
"""Whoever looks from the server itself knows it by a name that no PC can use."""


@pages.route("", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """The keys; a new one is shown once, on the answer to its making."""
    form = TokenForm()
    made = None
    if form.validate_on_submit():
        with form.showing_refusals():
            made = tokens.make(
                current.club(),
                computers=form.computers.data or 0,
                hours=form.hours.data or 0,
                actor=current.actor(),
            )
    now = current.club().clock.now()
    with current.club().read() as db:
        known = tokens.newest(db, current.club().club_id)
    page = render_template(
        "computers/tokens.html",
        form=form,
        made=made,
        server="" if current.actor().address in _THIS_COMPUTER else request.host,
        known=[(token, tokens.counts(token, now)) for token in known],
    )
    return page, 422 if form.errors else 200


@pages.post("/<int:token_id>/revoke")
def revoke(token_id: int) -> ResponseReturnValue:
    """It counts no more."""
    tokens.revoke(current.club(), token_id=token_id, actor=current.actor())
    flash(_("Ключ отозван"))
    return redirect(url_for("pairing_tokens.index"), 303)
