"""Receipts, for programs."""

from http import HTTPStatus

from flask import Response
from pydantic import BaseModel, ConfigDict

from lovhub.server.receipts import queries
from lovhub.server.receipts.pages import to_printer
from lovhub.server.web import current
from lovhub.server.web.api import Id, answer, blueprint

api = blueprint("receipts", "shifts")


class ReceiptPath(BaseModel):
    """Which receipt: by one of its postings."""

    posting_id: Id


class ReceiptLine(BaseModel):
    """What was sold, given or given back (negative); without a title, the posting's `kind` says what it is."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    title: str
    quantity: int
    amount_tiyn: int


class ReceiptShown(BaseModel):
    """A receipt. `paid`: by way of paying or from the balance; negative: given back. `times`: how often printed.

    `bonus_tiyn`: the bonus that it brought; negative: that was taken back.
    """

    model_config = ConfigDict(from_attributes=True)

    posting_id: int
    numbers: list[int]
    at: int
    person: str
    shift_number: int | None
    customer: str
    lines: list[ReceiptLine]
    paid: dict[str, int]
    reason: str
    times: int
    bonus_tiyn: int


class Printed(BaseModel):
    """It is printed; whether as a copy."""

    copy_of_original: bool


@api.get("/receipts/<int:posting_id>", responses={HTTPStatus.OK: ReceiptShown})
def show(path: ReceiptPath) -> Response:
    """One receipt."""
    club = current.club()
    with club.read() as db:
        return answer(ReceiptShown.model_validate(queries.read(db, club.club_id, path.posting_id)))


@api.post("/receipts/<int:posting_id>/print", responses={HTTPStatus.OK: Printed})
def print_receipt(path: ReceiptPath) -> Response:
    """Print it on the receipt printer."""
    return answer(Printed(copy_of_original=to_printer(path.posting_id).times > 0))
