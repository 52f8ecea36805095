"""A receipt: to look at, on the receipt printer, or on paper of any other."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.errors import OperationRefused
from lovhub.server.receipts import queries, service, showing
from lovhub.server.receipts.queries import Receipt
from lovhub.server.shifts.printing import on_paper
from lovhub.server.web import current, forms
from lovhub.server.web.forms import Form

pages = Blueprint("receipts", __name__, url_prefix="/admin/receipts")


@pages.get("/<int:posting_id>")
def show(posting_id: int) -> ResponseReturnValue:
    """The receipt as it is printed now: once printed, it is a copy."""
    club = current.club()
    with club.read() as db:
        receipt = queries.read(db, club.club_id, posting_id)
    return _page(receipt)


@pages.post("/<int:posting_id>/page")
def page(posting_id: int) -> ResponseReturnValue:
    """The same, to be printed by the browser at once, and counted."""
    receipt = service.print_receipt(
        current.club(), posting_id, out=lambda _receipt: None, actor=current.actor()
    )
    return _page(receipt, now=True)


@pages.post("/<int:posting_id>/print")
def print_receipt(posting_id: int) -> ResponseReturnValue:
    """On the receipt printer."""
    return _printed(to_printer(posting_id))


@pages.post("/of/<key>/print")
def print_operation(key: str) -> ResponseReturnValue:
    """The receipt of what a form has just done, by the form's key."""
    club = current.club()
    with club.read() as db:
        posting_id = queries.find(db, club.club_id, key)
    if posting_id is None:
        raise OperationRefused("receipt_unknown")
    return _printed(to_printer(posting_id))


def to_printer(posting_id: int) -> Receipt:
    """Print it on the club's printer; refused as `print_receipt` and the printer are."""

    def out(receipt: Receipt) -> None:
        on_paper(showing.report(receipt, is_copy=receipt.times > 0), current.club_row())

    return service.print_receipt(current.club(), posting_id, out=out, actor=current.actor())


def _printed(receipt: Receipt) -> ResponseReturnValue:
    message = _("Печатается копия чека") if receipt.times else _("Чек печатается")
    return forms.done(message, url_for("receipts.show", posting_id=receipt.posting_id))


def _page(receipt: Receipt, *, now: bool = False) -> ResponseReturnValue:
    return render_template(
        "receipts/show.html",
        receipt=receipt,
        report=showing.report(receipt, is_copy=receipt.times > 0),
        print_now=now,
        printer=current.club_row().printer_address,
        form=Form(),
    )
