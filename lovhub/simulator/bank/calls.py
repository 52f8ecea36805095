"""The bank calls the club: the biller's check and pay, and the gateway's signed webhook."""

import hashlib
import hmac
import http.client
import json
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from lovhub.agent.settings import Address
from lovhub.pinned_tls import PinnedConnection
from lovhub.simulator.bank.bills import Bill
from lovhub.simulator.club_api import TIMEOUT_SECONDS

INVOICE_STATUS = {
    "QrTokenCreated": "pending",
    "Wait": "pending",
    "Processed": "paid",
    "Error": "cancelled",
}


@dataclass(frozen=True)
class Club:
    """Where the club is, and what it and the bank have agreed on."""

    address: Address
    certificate_pem: str
    path_secret: str
    webhook_secret: str

    def biller(self, command: str, bill_id: int, account: str, amount: Decimal) -> str:
        """`check` or `pay`; the club's answer as it came."""
        said = {"command": command, "txn_id": str(bill_id), "account": account,
                "sum": f"{amount:.2f}"}  # fmt: skip
        if command == "pay":
            said["txn_date"] = time.strftime("%Y%m%d%H%M%S", time.gmtime(time.time() + 5 * 3600))
        path = f"/payments/kaspi/{quote(self.path_secret, safe='')}?{urlencode(said)}"
        return self._ask("GET", path)

    def webhook(self, bill: Bill) -> str:
        """Tell how an invoice stands."""
        body = json.dumps(
            {"event": "invoice.status_changed", "invoice": invoice(bill), "source": "api"}
        ).encode()
        signature = hmac.new(self.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Webhook-Signature": f"sha256={signature}",
        }
        return self._ask("POST", "/payments/webhook/gateway", body, headers)

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> str:
        connection = PinnedConnection(
            self.address.host,
            self.address.port,
            self.certificate_pem,
            timeout_seconds=TIMEOUT_SECONDS,
        )
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return f"HTTP {answer.status} {answer.read().decode('utf-8', 'replace')}"
        except (OSError, http.client.HTTPException) as error:
            return f"{type(error).__name__}"
        finally:
            connection.close()


def invoice(bill: Bill) -> dict[str, Any]:
    """An invoice as the gateway shows it."""
    status = INVOICE_STATUS[bill.status]
    if bill.returned:
        status = "refunded" if bill.returned == bill.amount else "partially_refunded"
    return {
        "id": bill.id,
        "external_order_id": bill.external_id,
        "amount": f"{bill.amount:.2f}",
        "refunded_amount": f"{bill.returned:.2f}",
        "status": status,
        "is_sandbox": False,
    }
