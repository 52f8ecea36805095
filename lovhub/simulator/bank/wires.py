"""What the club asks the bank: the QR API (r3) and the gateway's invoices, as data in and data out."""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from lovhub.simulator.bank.bills import CONFIRM_SECONDS, POLL_SECONDS, SCAN_SECONDS, Bill, Bills
from lovhub.simulator.bank.calls import invoice

QR, GATEWAY = "/r3", "/gateway"
"""How the addresses of the two wires begin."""

_NOT_FOUND, _WRONG_AMOUNT, _TOO_MUCH, _NO_DEVICE = -1601, 990000028, -99000005, -1501


class Answer(NamedTuple):
    """What goes back."""

    status: int
    said: Any


def answer(bills: Bills, device_token: str, method: str, address: str, body: bytes) -> Answer:
    """The answer of whichever wire the address belongs to."""
    parts = urlsplit(address)
    try:
        said = json.loads(body, parse_float=Decimal) if body else {}
    except ValueError:
        said = {}
    if parts.path.startswith(f"{QR}/"):
        path = parts.path.removeprefix(QR)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return _qr(bills, device_token, f"{method} {path}", said, query)
    if parts.path.startswith(f"{GATEWAY}/"):
        search = parse_qs(parts.query).get("search", [""])[0]
        return _gateway(bills, f"{method} {parts.path.removeprefix(GATEWAY)}", said, search)
    return Answer(404, {})


def _ok(**data: object) -> Answer:
    return Answer(200, {"StatusCode": 0, "Message": "OK", "Data": data})


def _no(code: int) -> Answer:
    return Answer(200, {"StatusCode": code, "Message": "", "Data": None})


def _qr(
    bills: Bills, device_token: str, asked: str, said: dict[str, Any], query: dict[str, str]
) -> Answer:
    if asked in {"POST /v01/qr/create", "POST /v01/qr/create-link"}:
        amount = _amount(said.get("Amount"))
        if said.get("DeviceToken") != device_token:
            return _no(_NO_DEVICE)
        if amount is None:
            return _no(_WRONG_AMOUNT)
        as_link = asked.endswith("link")
        bill = bills.make("link" if as_link else "qr", amount, str(said.get("ExternalId", "")))
        return _made(bill, as_link=as_link)
    if asked == "POST /v01/payment/return":
        return _return(bills, said)
    status = re.fullmatch(r"GET /v0[12]/payment/status/(\d+)", asked)
    bill_id = status[1] if status else query.get("QrPaymentId", "")
    found = bills.get(int(bill_id)) if bill_id.isdecimal() else None
    if found is None:
        return _no(_NOT_FOUND)
    if status:
        return _ok(Status=found.status, Amount=float(found.amount), TransactionId=str(found.id))
    if asked == "GET /v01/payment/details":
        return _ok(
            QrPaymentId=found.id,
            TotalAmount=float(found.amount),
            AvailableReturnAmount=float(found.amount - found.returned),
        )
    return Answer(404, {})


def _made(bill: Bill, *, as_link: bool) -> Answer:
    timing = {"StatusPollingInterval": POLL_SECONDS, "PaymentConfirmationTimeout": CONFIRM_SECONDS}
    if as_link:
        return _ok(
            PaymentLink=bill.token,
            PaymentId=bill.id,
            PaymentBehaviorOptions=timing | {"LinkActivationWaitTimeout": SCAN_SECONDS},
        )
    return _ok(
        QrToken=bill.token,
        QrPaymentId=bill.id,
        QrPaymentBehaviorOptions=timing | {"QrCodeScanWaitTimeout": SCAN_SECONDS},
    )


def _return(bills: Bills, said: dict[str, Any]) -> Answer:
    bill_id, amount = said.get("QrPaymentId"), _amount(said.get("Amount"))
    bill = bills.get(bill_id) if isinstance(bill_id, int) else None
    if bill is None:
        return _no(_NOT_FOUND)
    if amount is None or not bills.give_back(bill, amount):
        return _no(_TOO_MUCH)
    return _ok(ReturnOperationId=bill.id * 10 + len(bill.returns))


def _gateway(bills: Bills, asked: str, said: dict[str, Any], search: str) -> Answer:
    if asked == "POST /invoices":
        amount = _amount(said.get("amount"))
        if amount is None or not re.fullmatch(r"8\d{10}", str(said.get("phone_number", ""))):
            return Answer(422, {"error": "validation"})
        return Answer(
            201, invoice(bills.make("invoice", amount, str(said.get("external_order_id", ""))))
        )
    if asked == "GET /invoices":
        return Answer(200, {"data": [invoice(bill) for bill in bills.named(search)]})
    found = re.fullmatch(r"(GET|POST) /invoices/(\d+)(/cancel|/refund)?", asked)
    bill = bills.get(int(found[2])) if found else None
    if found is None or bill is None:
        return Answer(404, {"error": "not_found"})
    if found[3] == "/cancel":
        bills.cancel(bill)
    elif found[3] == "/refund":
        amount = _amount(said.get("amount"))
        if amount is None or not bills.give_back(bill, amount):
            return Answer(422, {"error": "validation"})
    return Answer(200, invoice(bill))


def _amount(said: Any) -> Decimal | None:
    try:
        amount = Decimal(str(said))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount > 0 else None
