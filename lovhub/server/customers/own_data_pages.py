"""«Выгрузить данные клиента» on the customer's page.

The dialog's form asks, is confirmed by the password and written down; what it gives is the way to the file, for this
sign-in and some minutes. So a form decides, and a plain link brings the file, which a browser can only keep that way.
"""

from typing import Any

from flask import Blueprint, redirect, session, url_for
from flask.typing import ResponseReturnValue

from lovhub.server.customers import own_data, queries
from lovhub.server.customers.forms import OwnDataForm
from lovhub.server.web import current, formatting, forms
from lovhub.server.web.keeping import file_to_keep

pages = Blueprint("own_data", __name__, url_prefix="/admin/customers/<int:customer_id>")

READY_SECONDS = 10 * 60
"""How long the file may be fetched after it was asked for."""

_LEAVE = "own_data"


@pages.route("/own-data", methods=["GET", "POST"])
def ask(customer_id: int) -> ResponseReturnValue:
    """What the file holds, and, once it was asked for, the way to it."""
    club, form, is_ready = current.club(), OwnDataForm(), False
    with club.read() as db:
        customer = queries.row(db, club.club_id, customer_id)
    if form.validate_on_submit():
        own_data.note(club, customer_id=customer_id, actor=current.actor())
        session[_LEAVE] = [customer_id, current.signed_in().session.id, club.clock.now()]
        is_ready = True
    return forms.show_form("customers/own_data.html", form, customer=customer, is_ready=is_ready)


@pages.get("/own-data.zip")
def file(customer_id: int) -> ResponseReturnValue:
    """The file, for whoever has just asked for it; anybody else is led to the customer."""
    if not _may_fetch(session.get(_LEAVE), customer_id):
        return redirect(url_for("customer.show", customer_id=customer_id), 303)
    club = current.club()
    today = formatting.local(club.clock.now(), current.club_row().time_zone)
    name = f"customer-{customer_id}-{today:%Y-%m-%d}.zip"
    return file_to_keep(own_data.collect(club, customer_id), name, "application/zip")


def _may_fetch(leave: Any, customer_id: int) -> bool:
    """`leave` comes out of a cookie that only this server can have signed."""
    if not isinstance(leave, list) or len(leave) != 3:
        return False
    whose, sign_in, asked_at = leave
    age = current.club().clock.now() - int(asked_at)
    same = (whose, sign_in) == (customer_id, current.signed_in().session.id)
    return same and 0 <= age < READY_SECONDS
