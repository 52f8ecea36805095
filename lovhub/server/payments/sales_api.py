"""Sales at the desk that Kaspi pays for, for programs."""

from collections.abc import Collection
from http import HTTPStatus
from typing import Any

from flask import Response
from pydantic import Field

from lovhub.server.payments import orders
from lovhub.server.payments.api import PaymentStory, story_of
from lovhub.server.payments.orders import Order
from lovhub.server.sessions.api import MOST_PARTS, NightLeave, PartPaid
from lovhub.server.sessions.group_sale import Payer
from lovhub.server.sessions.parts import IN_PARTS
from lovhub.server.sessions.till import Till
from lovhub.server.sessions.together import MOST_COMPUTERS
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Id, Line, OperationKey, Tiyn, blueprint

api = blueprint("sales", "payments")


class SaleInPartsAsked(Asked):
    """One of a tariff, paid in parts, of which one is Kaspi's (that may be all of it)."""

    tariff_id: Id
    total_tiyn: Tiyn
    parts: list[PartPaid] = Field(min_length=1, max_length=MOST_PARTS)
    received_tiyn: Tiyn | None = None
    guest_name: Line = ""
    phone: Line = ""
    despite_kept: bool = False
    night_leave: NightLeave = ""
    key: OperationKey


class NewSale(SaleInPartsAsked):
    """One of a tariff at each PC, paid in parts, of which one is Kaspi's (that may be all of it)."""

    computer_ids: list[Id] = Field(min_length=1, max_length=MOST_COMPUTERS)


class NewCodeSale(SaleInPartsAsked):
    """A guest's one-time code, paid in parts, of which one is Kaspi's; `computer_id` null: for any PC."""

    computer_id: Id | None = None


@api.post("/payments/sales", responses={HTTPStatus.CREATED: PaymentStory})
def order(body: NewSale) -> Response:
    """Ask for the Kaspi part of a sale at several PCs; it is carried out when that is paid, or not at all."""
    return _place(
        body,
        "together",
        body.computer_ids,
        computer_ids=body.computer_ids,
        payer=Payer(IN_PARTS, None, body.guest_name),
    )


@api.post("/payments/seat-codes", responses={HTTPStatus.CREATED: PaymentStory})
def order_code(body: NewCodeSale) -> Response:
    """Ask for the Kaspi part of a guest's code; when it is paid, the payment's story has the code."""
    return _place(
        body,
        "code",
        (),
        computer_id=body.computer_id,
        guest_name=body.guest_name,
        method=IN_PARTS,
    )


def _place(
    body: SaleInPartsAsked, operation: str, at: Collection[int], **arguments: Any
) -> Response:
    parts = tuple(part.part() for part in body.parts)
    payment_id = orders.place(
        current.club(),
        current.server().payments,
        Order(
            operation,
            {
                **arguments,
                "tariff_id": body.tariff_id,
                "till": Till(body.total_tiyn, body.received_tiyn, parts),
                "despite_kept": body.despite_kept,
                "night_leave": body.night_leave,
            },
            at,
        ),
        amount_tiyn=sum(part.amount_tiyn for part in parts if part.method == "kaspi"),
        customer_id=None,
        phone=body.phone,
        key=f"api:{body.key}",
        actor=current.actor(),
    )
    return story_of(payment_id, HTTPStatus.CREATED)
