"""TipTop Pay (once CloudPayments): the form in which a public and a private key mean something.

The order is paid on the gateway's own page. Its notices carry no word for what they are, so the address that is
set in its cabinet must say so: `…/payments/webhook/gateway?event=pay`, and likewise `check`, `fail`, `refund`.
"""

import base64
import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from lovhub.server.payments import rules
from lovhub.server.payments.providers.contract import (
    Caps,
    Created,
    Event,
    NoProvider,
    Outcome,
    OutcomeUnknown,
    RawRequest,
    Refunded,
    Rejected,
    Reply,
    Unauthenticated,
    Unreadable,
    Wanted,
)
from lovhub.server.payments.providers.http import (
    LONGEST_SHOWN,
    NAME_HEADER,
    HttpClient,
    json_body,
    text_of,
)
from lovhub.server.payments.providers.signatures import is_content_hmac

POLL_AFTER_SECONDS = 15
_NOT_FOUND = 10
_CANNOT = 13


class TipTopProvider(NoProvider):
    """Orders over HTTPS with HTTP Basic; notices signed with the same secret."""

    name = "gateway"
    caps = Caps(create=True, link=True, poll=True, refund=True, callback=True)

    def __init__(
        self, http: HttpClient, *, public_id: str, api_secret: str, takes_sandbox: bool = False
    ) -> None:
        self._http = http
        self._secret = api_secret.encode()
        pair = base64.b64encode(f"{public_id}:{api_secret}".encode()).decode()
        self._headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/json"}
        self.takes_sandbox = takes_sandbox

    # --- what we ask ------------------------------------------------------------------------------

    def create(self, wanted: Wanted) -> Created:
        """See PaymentProvider. The payment's own number comes to be only when it is paid."""
        model = self._ask(
            "/orders/create",
            {
                "Amount": Decimal(rules.tenge_of_tiyn(wanted.amount_tiyn)),
                "Currency": rules.CURRENCY,
                "Description": f"Пополнение {wanted.merchant_ref}",
                "InvoiceId": wanted.merchant_ref,
            },
            key=wanted.merchant_ref,
        )
        url = text_of(model.get("Url"), LONGEST_SHOWN)
        if not url.startswith("https://"):
            raise OutcomeUnknown("no address")
        return Created("", qr_payload=url, pay_url=url, poll_after_seconds=POLL_AFTER_SECONDS)

    def fetch(self, provider_ref: str, merchant_ref: str) -> Event:
        """See PaymentProvider. An order that nobody has paid yet is not found."""
        try:
            if provider_ref:
                model = self._ask("/payments/get", {"TransactionId": _number(provider_ref)})
            else:
                model = self._ask("/v2/payments/find", {"InvoiceId": merchant_ref})
        except Rejected:
            return Event("pending", provider_ref=provider_ref, merchant_ref=merchant_ref)
        return _event(model, "pay")

    def refund(self, provider_ref: str, amount_tiyn: int, key: str) -> Refunded:
        """See PaymentProvider."""
        model = self._ask(
            "/payments/refund",
            {
                "TransactionId": _number(provider_ref),
                "Amount": Decimal(rules.tenge_of_tiyn(amount_tiyn)),
            },
            key=key,
        )
        return Refunded("done", text_of(model.get("TransactionId")))

    def _ask(self, path: str, said: dict[str, object], *, key: str = "") -> dict[str, Any]:
        headers = self._headers | ({NAME_HEADER: key} if key else {})
        answer = self._http.ask("POST", path, headers=headers, body=json_body(said))
        if answer.status in {400, 401, 403, 404}:
            raise Rejected(detail=f"HTTP {answer.status}")
        if answer.status >= 300:
            raise OutcomeUnknown(f"HTTP {answer.status}")
        envelope = answer.json()
        if envelope.get("Success") is not True:
            raise Rejected(detail=str(envelope.get("Message") or "")[:200])
        model = envelope.get("Model")
        return model if isinstance(model, dict) else {}

    # --- what we are told -------------------------------------------------------------------------

    def authenticate(self, request: RawRequest) -> None:
        """See PaymentProvider: a signature over the body as it came.

        There are two, which differ in how what they sign is written; which of them is over the very bytes, those who
        have tried it say differently. Either proves that whoever sent it has the secret.
        """
        signatures = [request.headers.get(name, "") for name in ("content-hmac", "x-content-hmac")]
        if not any(is_content_hmac(one, request.body, self._secret) for one in signatures):
            raise Unauthenticated("signature")

    def parse(self, request: RawRequest) -> Event:
        """See PaymentProvider."""
        try:
            pairs = parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=200)
        except ValueError as error:
            raise Unreadable from error
        kind = dict(request.query).get("event", "")
        if kind not in {"check", "pay", "fail", "refund", "cancel"} or len(pairs) != len(
            dict(pairs)
        ):
            raise Unreadable
        try:
            return _event(dict(pairs), kind)
        except OutcomeUnknown as error:
            raise Unreadable from error

    def reply(self, event: Event, outcome: Outcome) -> Reply:
        """See PaymentProvider."""
        code = {"unknown_account": _NOT_FOUND, "conflict": _CANNOT, "refused": _CANNOT}.get(
            outcome.code, 0
        )
        status = 503 if outcome.code == "busy" else 200
        return Reply(status, "application/json", json.dumps({"code": code}).encode())


def _event(said: dict[str, Any], told: str) -> Event:
    reference, status = text_of(said.get("TransactionId")), text_of(said.get("Status"))
    merchant_ref = text_of(said.get("InvoiceId"))
    # Authorized is a promise, Completed is money.
    if told == "pay" and status == "Completed":
        if not reference or said.get("Amount") is None:
            raise OutcomeUnknown("no transaction, or no amount")
        return Event(
            "paid",
            event_key=f"{reference}:paid",
            provider_ref=reference,
            merchant_ref=merchant_ref,
            amount_tiyn=_amount(said.get("Amount")),
            currency=text_of(said.get("Currency")),
            sandbox=_is_sandbox(said),
        )
    if told == "refund":
        amount_tiyn = _amount(said.get("Amount"))
        if not reference or not amount_tiyn:
            raise OutcomeUnknown("no transaction, or no amount")
        # The number is the refund's own; whose it is, the order says.
        return Event(
            "refunded",
            event_key=f"{reference}:refund",
            merchant_ref=merchant_ref,
            gone_back_tiyn=amount_tiyn,
            sandbox=_is_sandbox(said),
        )
    # A card that was declined is one attempt: the order stays open for another.
    return Event("pending", merchant_ref=merchant_ref)


def _is_sandbox(said: dict[str, Any]) -> bool:
    test_mode = said.get("TestMode")
    return test_mode is True or text_of(test_mode).lower() in {"1", "true"}


def _amount(said: Any) -> int:
    try:
        return rules.tiyn_of_tenge(said)
    except ValueError:
        return 0


def _number(reference: str) -> int:
    if not reference.isdecimal():
        raise Rejected(detail="no transaction")
    return int(reference)
