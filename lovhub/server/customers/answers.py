"""How a form that stands in a customer's row is answered when it has done its work."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from lovhub.server.customers import history, queries
from lovhub.server.web import current, forms


def done(
    customer_id: int, text: str, *, take_back: int | None = None, receipt_of: str = ""
) -> ResponseReturnValue:
    """In a row of the list: what was done, with a way back, and the row as it is now. Elsewhere a message."""
    club = current.club()
    if not in_row(customer_id):
        return forms.done(
            text, url_for("customer.show", customer_id=customer_id), receipt_of=receipt_of
        )
    own_seconds = 0
    with club.read() as db:
        customer = queries.row(db, club.club_id, customer_id)
        if take_back is not None:
            top_up = history.top_up(db, club.club_id, customer_id, take_back)
            own_seconds = history.own_seconds_left(top_up, current.actor(), club.clock.now())
    return render_template(
        "customers/done.html",
        text=text,
        receipt_of=receipt_of,
        customer=customer,
        posting_id=take_back,
        own_seconds=own_seconds,
    )


def in_row(customer_id: int) -> bool:
    """Whether the form stands in the customer's row of the list."""
    return request.headers.get("HX-Target") == f"row-form-{customer_id}"
