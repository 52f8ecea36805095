"""Kaspi's «online payments»: Kaspi calls `check`, then `pay`. There is no signature: the address must be Kaspi's.

The answer is always HTTP 200 with the result inside; anything else looks like a broken connection to Kaspi, which
then calls again. The money is taken from the payer before `pay` comes: on a known account it is accepted.
"""

import hmac
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, tostring

from lovhub.server.payments import rules
from lovhub.server.payments.providers.contract import (
    Caps,
    Event,
    NoProvider,
    Outcome,
    OutcomeCode,
    RawRequest,
    Reply,
    Unauthenticated,
)

Format = Literal["json", "xml"]

LONGEST_ACCOUNT = 200

_RESULTS: dict[OutcomeCode, int] = {
    "credited": 0,
    "review": 0,  # the money is here; what becomes of it is settled between people
    "noted": 0,
    "payable": 0,
    "unknown_account": 1,
    "busy": 4,
}
_OTHER_ERROR = 5


class BillerProvider(NoProvider):
    """Listens to Kaspi. `path_secret` "" means that the address without a secret is the agreed one."""

    name = "biller"
    caps = Caps(callback=True, customer_initiated=True)

    def __init__(
        self,
        *,
        allowed: Sequence[rules.Network],
        proxies: Sequence[rules.Network] = (),
        path_secret: str = "",
        response_format: Format = "json",
        club_label: str = "Клуб",
    ) -> None:
        self._allowed = tuple(allowed)
        self._proxies = tuple(proxies)
        self._path_secret = path_secret.encode()
        self._format = response_format
        self._club_label = club_label

    def authenticate(self, request: RawRequest) -> None:
        """The caller's address and the path; nothing to compare with lets nobody in."""
        forwarded_for = request.headers.get("x-forwarded-for", "")
        caller = rules.caller_address(request.peer_ip, forwarded_for, self._proxies)
        if not rules.is_among(caller, self._allowed):
            raise Unauthenticated("address")
        if not hmac.compare_digest(request.path_secret.encode(), self._path_secret):
            raise Unauthenticated("path")

    def parse(self, request: RawRequest) -> Event:
        """A request that makes no sense is an event too, `ignore`: it must be answered in Kaspi's way."""
        names = [name for name, _ in request.query]
        query = dict(request.query)
        txn_id = query.get("txn_id", "")
        if not re.fullmatch(r"\d{1,18}", txn_id, re.ASCII):
            return Event("ignore", detail="txn_id")
        # Known by its number, not by how it was written.
        reference = str(int(txn_id))
        account = query.get("account", "").strip()
        is_name = account.isprintable() and 0 < len(account) <= LONGEST_ACCOUNT
        if len(names) != len(set(names)) or not is_name:
            return Event("ignore", provider_ref=txn_id, detail="account")
        if query.get("command") == "check":
            return Event("check", provider_ref=txn_id, merchant_ref=account)
        if query.get("command") != "pay":
            return Event("ignore", provider_ref=txn_id, detail="command")
        try:
            amount_tiyn = rules.tiyn_of_tenge(query.get("sum", ""))
        except ValueError:
            amount_tiyn = 0
        if amount_tiyn <= 0:
            return Event("ignore", provider_ref=txn_id, detail="sum")
        return Event(
            "paid",
            event_key=reference,
            provider_ref=reference,
            merchant_ref=account,
            amount_tiyn=amount_tiyn,
            occurred_at=_instant(query.get("txn_date", "")),
        )

    def reply(self, event: Event, outcome: Outcome) -> Reply:
        """JSON or XML, as was agreed with Kaspi."""
        result = _RESULTS.get(outcome.code, _OTHER_ERROR)
        fields = {}
        if event.kind == "check" and result == 0:
            fields = {self._club_label: outcome.club_name, "Клиент": outcome.payer_name}
        paid = event.kind == "paid" and outcome.payment_id is not None and result == 0
        payment_id = str(outcome.payment_id) if paid else ""
        total = rules.tenge_of_tiyn(event.amount_tiyn or 0) if paid else ""
        comment = "OK" if result == 0 else outcome.code
        write = _json if self._format == "json" else _xml
        return write(event.provider_ref, payment_id, total, result, fields, comment)


def _json(
    txn_id: str, payment_id: str, total: str, result: int, fields: dict[str, str], comment: str
) -> Reply:
    said: dict[str, object] = {"txn_id": txn_id}
    if payment_id:
        # The protocol's examples use one name in XML and the other in JSON.
        said |= {"prv_txn": payment_id, "prv_txn_id": payment_id}
    said["result"] = result
    if total:
        said["sum"] = total
    said["comment"] = comment
    if fields:
        said["fields"] = {
            f"field{number}": {"@name": name, "#text": value}
            for number, (name, value) in enumerate(fields.items(), 1)
        }
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return Reply(200, "application/json; charset=utf-8", body)


def _xml(
    txn_id: str, payment_id: str, total: str, result: int, fields: dict[str, str], comment: str
) -> Reply:
    root = Element("response")
    SubElement(root, "txn_id").text = txn_id
    if payment_id:
        SubElement(root, "prv_txn").text = payment_id
    if total:
        SubElement(root, "sum").text = total
    SubElement(root, "result").text = str(result)
    if fields:
        listed = SubElement(root, "fields")
        for number, (name, value) in enumerate(fields.items(), 1):
            SubElement(listed, f"field{number}", name=name).text = value
    SubElement(root, "comment").text = comment
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="utf-8")
    # ElementTree writes a declaration of its own for some encodings, not for this one.
    return Reply(200, "application/xml; charset=utf-8", body)


def _instant(txn_date: str) -> int | None:
    """`20260807120005` → the instant; a date that cannot be read never fails a payment."""
    try:
        if not re.fullmatch(r"\d{14}", txn_date, re.ASCII):
            return None
        local = datetime.strptime(txn_date, "%Y%m%d%H%M%S")  # noqa: DTZ007 (the zone is set below)
        return int(local.replace(tzinfo=rules.BANK_ZONE).timestamp())
    except ValueError:
        return None
