"""Sales at the counter whose Kaspi part Kaspi itself confirms: they wait on the payment's page, code and all."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from flask import Response, redirect, url_for
from flask.typing import ResponseReturnValue

from lovhub.server.counter.forms import SeatAndSellForm, TillForm
from lovhub.server.payments import orders
from lovhub.server.payments.orders import Order
from lovhub.server.sessions.parts import IN_PARTS
from lovhub.server.sessions.till import Till, TopUp
from lovhub.server.web import current


def asks_kaspi(method: str | None) -> bool:
    """Whether money by this way of paying is asked of Kaspi, rather than believed."""
    return method == "kaspi" and current.server().payments.at_desk == "code"


def kaspi_tiyn(form: TillForm, amount_tiyn: int) -> int:
    """What of an amount Kaspi is to be asked for; 0 where it is not."""
    if form.method.data == IN_PARTS:
        parts = [part.amount_tiyn for part in form.parts() if asks_kaspi(part.method)]
        return sum(parts)
    return amount_tiyn if asks_kaspi(form.method.data) else 0


def the_rest(form: SeatAndSellForm) -> tuple[TopUp | None, Till]:
    """What a customer pays otherwise, in the same sale, and what the cashier took for it."""
    parts = tuple(part for part in form.parts() if part.method != "kaspi")
    till = replace(form.till(), parts=parts)
    if not parts:
        return None, till
    return TopUp(sum(part.amount_tiyn for part in parts), IN_PARTS), till


def place(
    operation: str,
    *,
    amount_tiyn: int,
    key: str,
    phone: str = "",
    payer_id: int | None = None,
    at: Collection[int] = (),
    **arguments: Any,
) -> ResponseReturnValue:
    """Order the sale, `at` which PCs, and go to its payment. `payer_id`: whose balance pays; None: a guest's money."""
    payment_id = orders.place(
        current.club(),
        current.server().payments,
        Order(operation, arguments, at),
        amount_tiyn=amount_tiyn,
        customer_id=payer_id,
        phone=phone,
        key=key,
        actor=current.actor(),
    )
    return to_payment(payment_id)


def to_payment(payment_id: int) -> ResponseReturnValue:
    """Go to the payment's page."""
    address = url_for("payments.show", payment_id=payment_id)
    if current.is_htmx():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)
