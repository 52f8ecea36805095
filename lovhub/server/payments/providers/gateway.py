"""A gateway that takes Kaspi for the club, in the form of ApiPay: an invoice by telephone, a signed webhook.

The webhook is not repeated when it is lost, and creating has no key against doubling: so every invoice is also
asked about, and one whose creation was not answered is looked for by our own name before it counts as unknown.
"""

import re
from decimal import Decimal
from typing import Any, get_args
from urllib.parse import quote

from lovhub.server.payments import rules
from lovhub.server.payments.providers.contract import (
    Caps,
    Created,
    Event,
    EventKind,
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
from lovhub.server.payments.providers.http import Answer, HttpClient, json_body, read_json, text_of
from lovhub.server.payments.providers.signatures import is_kaspi_signature

POLL_AFTER_SECONDS = 15
"""The gateway bears 60 questions a minute, over all invoices."""

_STATES: dict[str, EventKind] = {
    "paid": "paid",
    "partially_refunded": "refunded",
    "refunded": "refunded",
    "cancelled": "cancelled",
    "expired": "expired",
    "error": "failed",
}
"""Whatever else it says is still under way."""

assert set(_STATES.values()) <= set(get_args(EventKind))  # noqa: S101 (a slip in the table above)


class GatewayProvider(NoProvider):
    """Invoices over HTTPS; `name` is what the webhook's address ends with."""

    name = "gateway"
    caps = Caps(
        create=True, poll=True, refund=True, cancel=True, callback=True, needs_phone=True, tells_refunds=True
    )  # fmt: skip

    def __init__(
        self,
        http: HttpClient,
        *,
        api_key: str,
        webhook_secret: str,
        signature_header: str = "x-webhook-signature",
        takes_sandbox: bool = False,
    ) -> None:
        self._http = http
        self._headers = {"X-API-Key": api_key, "Content-Type": "application/json"}
        self._secret = webhook_secret.encode()
        self._signature_header = signature_header.lower()
        self.takes_sandbox = takes_sandbox

    # --- what we ask ------------------------------------------------------------------------------

    def create(self, wanted: Wanted) -> Created:
        """See PaymentProvider."""
        phone = kaspi_phone(wanted.phone)
        said: dict[str, object] = {
            "amount": Decimal(rules.tenge_of_tiyn(wanted.amount_tiyn)),
            "phone_number": phone,
            "description": f"Пополнение {wanted.merchant_ref}",
            "external_order_id": wanted.merchant_ref,
        }
        try:
            invoice = self._ask("POST", "/invoices", said)
        except OutcomeUnknown:
            # It may have been made. Asking again could make a second one; looking cannot.
            invoice = self._found(wanted.merchant_ref)
        return Created(text_of(invoice.get("id")), poll_after_seconds=POLL_AFTER_SECONDS)

    def fetch(self, provider_ref: str, merchant_ref: str) -> Event:
        """See PaymentProvider. Without the gateway's own name, ours is looked for."""
        if not provider_ref:
            return _event(self._found(merchant_ref))
        return _event(self._ask("GET", f"/invoices/{quote(provider_ref, safe='')}"))

    def cancel(self, provider_ref: str) -> None:
        """See PaymentProvider."""
        # Taken up (202), and what it says besides is of no account.
        self._send("POST", f"/invoices/{quote(provider_ref, safe='')}/cancel", {})

    def refund(self, provider_ref: str, amount_tiyn: int, key: str) -> Refunded:
        """See PaymentProvider. The gateway puts it into a queue: what became of it, it tells later."""
        said: dict[str, object] = {
            "amount": Decimal(rules.tenge_of_tiyn(amount_tiyn)),
            "reason": key,
        }
        answer = self._ask("POST", f"/invoices/{quote(provider_ref, safe='')}/refund", said)
        return Refunded("pending", text_of(answer.get("id")))

    def _found(self, merchant_ref: str) -> dict[str, Any]:
        answer = self._ask("GET", f"/invoices?search={quote(merchant_ref, safe='')}")
        listed = answer.get("data", answer.get("invoices", []))
        for invoice in listed if isinstance(listed, list) else []:
            if isinstance(invoice, dict) and invoice.get("external_order_id") == merchant_ref:
                return invoice
        raise OutcomeUnknown("not found")

    def _ask(self, method: str, path: str, said: dict[str, object] | None = None) -> dict[str, Any]:
        return self._send(method, path, said).json()

    def _send(self, method: str, path: str, said: dict[str, object] | None) -> Answer:
        body = None if said is None else json_body(said)
        answer = self._http.ask(method, path, headers=self._headers, body=body)
        if answer.status in {400, 401, 403, 404, 409, 422, 429}:
            raise Rejected(detail=f"HTTP {answer.status}")
        if answer.status >= 300:
            raise OutcomeUnknown(f"HTTP {answer.status}")
        return answer

    # --- what we are told -------------------------------------------------------------------------

    def authenticate(self, request: RawRequest) -> None:
        """See PaymentProvider: the signature over the body as it came."""
        header = request.headers.get(self._signature_header, "")
        if not is_kaspi_signature(header, request.body, self._secret):
            raise Unauthenticated("signature")

    def parse(self, request: RawRequest) -> Event:
        """See PaymentProvider."""
        try:
            said = read_json(request.body)
        except (ValueError, RecursionError) as error:
            raise Unreadable from error
        if not isinstance(said, dict):
            raise Unreadable
        if not isinstance(said.get("invoice"), dict):
            return Event("ignore", detail=str(said.get("event", ""))[:100])
        try:
            return _event(said["invoice"])
        except OutcomeUnknown as error:
            raise Unreadable from error

    def reply(self, event: Event, outcome: Outcome) -> Reply:
        """See PaymentProvider: taken, or (busy) to be sent again."""
        status = 503 if outcome.code == "busy" else 200
        return Reply(status, "application/json", b'{"ok":true}' if status == 200 else b"{}")


def kaspi_phone(phone: str) -> str:
    """«+7 701 123 45 67» → «87011234567»; raises Rejected for what is no number of Kazakhstan."""
    digits = re.sub(r"\D", "", phone)
    if len(digits) == 11 and digits[0] in "78":
        return "8" + digits[1:]
    if len(digits) == 10:
        return "8" + digits
    raise Rejected("phone_malformed")


def _event(invoice: dict[str, Any]) -> Event:
    reference, status = text_of(invoice.get("id")), text_of(invoice.get("status"))
    if not reference:
        raise OutcomeUnknown("no id")
    kind = _STATES.get(status, "pending")
    if kind == "paid" and invoice.get("amount") is None:
        raise OutcomeUnknown("no amount")
    amount_tiyn = _amount(invoice.get("amount")) if kind in {"paid", "refunded"} else None
    refunded = _amount(invoice.get("refunded_amount")) if kind == "refunded" else None
    if status == "refunded" and refunded is None:
        refunded = amount_tiyn
    suffix = "" if refunded is None else f":{refunded}"
    return Event(
        kind,
        event_key=f"{reference}:{status}{suffix}",
        provider_ref=reference,
        merchant_ref=text_of(invoice.get("external_order_id")),
        amount_tiyn=amount_tiyn,
        sandbox=invoice.get("is_sandbox") is True,
        refunded_tiyn=refunded,
        detail=str(invoice.get("error_message") or "")[:200],
    )


def _amount(said: Any) -> int | None:
    """An amount that cannot be read is 0, which no payment is: a person looks."""
    if said is None:
        return None
    try:
        return rules.tiyn_of_tenge(said)
    except ValueError:
        return 0
