"""Kaspi Pay QR API, r1 (a key) and r3 (a client certificate and a fixed address): a QR or a link, then asking.

Kaspi never calls: the answer to `create` says how often to ask. Only `Processed` is money. A code that was not
answered was shown to nobody: it is let go of, and another one may be made.
"""

import re
import uuid
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import quote, urlencode

import structlog

from lovhub.server.payments import rules
from lovhub.server.payments.providers.contract import (
    Caps,
    Created,
    Event,
    NoProvider,
    OutcomeUnknown,
    Refunded,
    Rejected,
    Wanted,
)
from lovhub.server.payments.providers.http import (
    LONGEST_SHOWN,
    NAME_HEADER,
    HttpClient,
    json_body,
    text_of,
)

Scheme = Literal["r1", "r3"]

log = structlog.get_logger("payments")

POLL_AFTER_SECONDS = 5
SCAN_SECONDS = 180
CONFIRM_SECONDS = 65
"""What the document's examples say, where an answer says nothing."""

_OK = 0
_LATER = -999
_NOT_FOUND = {-1601, -99000001}
_REFUND_UNSURE = -99000006
_MISCONFIGURED = {
    -10000, -1501, -1502, -1503, -14000002, -99000002, 990000018, 990000026, 990000033,
}  # fmt: skip
"""The club's device, trade point or certificate is not as Kaspi knows it: nothing that the desk could mend."""


class KaspiQrProvider(NoProvider):
    """One device at one trade point; `device_token` comes from registering it (docs/ru/kaspi.md)."""

    def __init__(
        self,
        http: HttpClient,
        *,
        scheme: Scheme,
        device_token: str,
        api_key: str = "",
        organization_bin: str = "",
        name: str = "",
    ) -> None:
        self.name = name or f"qr_{scheme}"
        self.caps = Caps(
            create=True, link=True, poll=True, refund=scheme == "r3", tells_refunds=scheme == "r3"
        )
        self._http = http
        # Newer statuses say the amount as well.
        self._newer = http.under("v02")
        self._device_token = device_token
        self._api_key = api_key
        self._organization = {"OrganizationBin": organization_bin} if organization_bin else {}
        self._tells_details = scheme == "r3"

    def create(self, wanted: Wanted) -> Created:
        """See PaymentProvider."""
        said = {
            "DeviceToken": self._device_token,
            "Amount": Decimal(rules.tenge_of_tiyn(wanted.amount_tiyn)),
            "ExternalId": wanted.merchant_ref,
            **self._organization,
        }
        path = "/qr/create-link" if wanted.as_link else "/qr/create"
        data = self._ask("POST", path, said)
        reference = text_of(data.get("PaymentId" if wanted.as_link else "QrPaymentId"))
        shown = text_of(data.get("PaymentLink" if wanted.as_link else "QrToken"), LONGEST_SHOWN)
        if not reference or not shown:
            raise OutcomeUnknown("nothing to show")
        options = data.get(
            "PaymentBehaviorOptions" if wanted.as_link else "QrPaymentBehaviorOptions"
        )
        timing = options if isinstance(options, dict) else {}
        waits = timing.get(
            "LinkActivationWaitTimeout" if wanted.as_link else "QrCodeScanWaitTimeout"
        )
        return Created(
            reference,
            qr_payload=shown,
            pay_url=shown if wanted.as_link else "",
            lasts_seconds=_seconds(waits, SCAN_SECONDS)
            + _seconds(timing.get("PaymentConfirmationTimeout"), CONFIRM_SECONDS),
            poll_after_seconds=_seconds(timing.get("StatusPollingInterval"), POLL_AFTER_SECONDS),
        )

    def fetch(self, provider_ref: str, merchant_ref: str) -> Event:
        """See PaymentProvider. A status that is not known is one that is not over."""
        if not provider_ref:
            raise OutcomeUnknown("never answered")
        path = f"/payment/status/{quote(provider_ref, safe='')}"
        try:
            data = self._ask("GET", path, http=self._newer)
        except _NoSuchPath:
            data = self._ask("GET", path)
        status = str(data.get("Status", ""))
        if status == "Processed":
            return Event(
                "paid",
                event_key=f"{provider_ref}:Processed",
                provider_ref=provider_ref,
                merchant_ref=merchant_ref,
                amount_tiyn=self._paid_tiyn(provider_ref, data),
            )
        final = {"Error": "failed", "RemotePaymentCanceled": "cancelled"}.get(status)
        return Event(
            final or "pending",  # type: ignore[arg-type]  # the table holds kinds
            event_key=f"{provider_ref}:{status}",
            provider_ref=provider_ref,
            merchant_ref=merchant_ref,
            # What its kind says already is no news to anybody.
            detail=status if not final and re.fullmatch(r"[A-Za-z]{1,40}", status) else "",
        )

    def refund(self, provider_ref: str, amount_tiyn: int, key: str) -> Refunded:
        """See PaymentProvider. What may still go back is read first: a try that was lost may have been done."""
        if not self.caps.refund:
            raise Rejected("payment_not_refundable")
        left = _tiyn(self._details(provider_ref).get("AvailableReturnAmount"))
        if left is not None and left < amount_tiyn:
            raise Rejected("refund_out_of_range", "AvailableReturnAmount")
        said = {
            "DeviceToken": self._device_token,
            "QrPaymentId": _number(provider_ref),
            "Amount": Decimal(rules.tenge_of_tiyn(amount_tiyn)),
            **self._organization,
        }
        data = self._ask("POST", "/payment/return", said)
        return Refunded("done", str(data.get("ReturnOperationId") or ""))

    def returned_tiyn(self, provider_ref: str) -> int | None:
        """See PaymentProvider."""
        if not self._tells_details:
            return None
        details = self._details(provider_ref)
        total, left = (
            _tiyn(details.get(name)) for name in ("TotalAmount", "AvailableReturnAmount")
        )
        return None if total is None or left is None else max(0, total - left)

    def _paid_tiyn(self, provider_ref: str, data: dict[str, Any]) -> int | None:
        if data.get("Amount") is not None:
            return _tiyn(data["Amount"])
        if self._tells_details:
            return _tiyn(self._details(provider_ref).get("TotalAmount"))
        return None  # r1 of old says no amount: it is the one that the code was made for

    def _details(self, provider_ref: str) -> dict[str, Any]:
        asked = {"QrPaymentId": provider_ref, "DeviceToken": self._device_token}
        return self._ask("GET", f"/payment/details?{urlencode(asked)}")

    def _ask(
        self,
        method: str,
        path: str,
        said: dict[str, object] | None = None,
        *,
        http: HttpClient | None = None,
    ) -> dict[str, Any]:
        headers = {NAME_HEADER: str(uuid.uuid4()), "Content-Type": "application/json"}
        if self._api_key:
            headers["Api-Key"] = self._api_key
        body = None if said is None else json_body(said)
        answer = (http or self._http).ask(method, path, headers=headers, body=body)
        if answer.status == 404:
            raise _NoSuchPath("HTTP 404")
        envelope = answer.json()
        code = envelope.get("StatusCode")
        if isinstance(code, bool):
            code = None
        if code == _OK and answer.status < 300:
            data = envelope.get("Data")
            return data if isinstance(data, dict) else {}
        if not isinstance(code, int) or code in {_OK, _LATER, _REFUND_UNSURE}:
            raise OutcomeUnknown(f"HTTP {answer.status}, {code}")
        if code in _MISCONFIGURED:
            log.error("kaspi_misconfigured", status_code=code)
            raise Rejected("payment_misconfigured", str(code))
        if method == "GET" and code in _NOT_FOUND:
            raise OutcomeUnknown(str(code))
        raise Rejected(detail=str(code))


class _NoSuchPath(OutcomeUnknown):
    """There is no such call in the API of this version."""


def _seconds(said: Any, otherwise: int) -> int:
    return said if isinstance(said, int) and not isinstance(said, bool) and said > 0 else otherwise


def _tiyn(said: Any) -> int | None:
    if said is None:
        return None
    try:
        return rules.tiyn_of_tenge(said)
    except ValueError:
        return 0  # no payment's amount: a person looks


def _number(reference: str) -> int:
    if not reference.isdecimal():
        raise Rejected(detail="no payment")
    return int(reference)
