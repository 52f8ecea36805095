"""Kaspi Smart POS: the terminal on the desk, asked over the club's own network. The payer pays at it, by card or QR.

All calls are GET. A token lets a program in for a day and is exchanged for the next one; the very first is given by
the person who taps «Разрешить» on the terminal. One operation at a time; none can be called back from here. Amounts
are whole tenge.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import structlog

from lovhub.config_loader import write_private
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
from lovhub.server.payments.providers.http import HttpClient, text_of

log = structlog.get_logger("payments")

LASTS_SECONDS = 180
POLL_AFTER_SECONDS = 1
ACTUALIZE_AFTER_SECONDS = 10
"""A terminal that does not know how its payment ended may be asked to find out no more often."""

LONGEST_TOKEN = 4000

_BUSY, _WRONG_REFRESH = 107, 105
_NOT_LET_IN = {401, 403}


class Tokens(msgspec.Struct):
    """What lets us in; kept in a file of the data folder that nobody else may read."""

    access: str = ""
    refresh: str = ""


@dataclass
class TokenFile:
    """Where the tokens live between two starts."""

    path: Path

    def read(self) -> Tokens:
        """What is kept; nothing, if there is nothing to be read."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Tokens)
        except (OSError, msgspec.MsgspecError):
            return Tokens()

    def write(self, tokens: Tokens) -> None:
        """Keep these."""
        write_private(self.path, msgspec.json.encode(tokens))


class KaspiPosProvider(NoProvider):
    """One terminal. `name_there`: what it calls us when it asks whether we are allowed."""

    name = "pos"
    caps = Caps(create=True, poll=True, refund=True, at_desk_only=True)

    def __init__(
        self,
        http: HttpClient,
        *,
        tokens: TokenFile,
        monotonic: Callable[[], float],
        name_there: str = "LoVHub",
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._monotonic = monotonic
        self._name_there = name_there
        self._lock = threading.Lock()
        self._actualized_at: dict[str, float] = {}

    def create(self, wanted: Wanted) -> Created:
        """See PaymentProvider."""
        data = self._ask("payment", amount=_whole_tenge(wanted.amount_tiyn), owncheque="false")
        process = text_of(data.get("processId"))
        if not process:
            raise OutcomeUnknown("no process")
        # A terminal counts its processes anew some day; the payment's own name makes this one unique.
        return Created(
            f"{process}:{wanted.merchant_ref}", "", "", LASTS_SECONDS, POLL_AFTER_SECONDS
        )

    def fetch(self, provider_ref: str, merchant_ref: str) -> Event:
        """See PaymentProvider."""
        process = provider_ref.partition(":")[0]
        if not process:
            raise OutcomeUnknown("no process")
        status = str(self._status(process).get("status") or "")
        kind = {"success": "paid", "fail": "failed"}.get(status, "pending")
        if status == "unknown":
            self._find_out(process)
        return Event(
            kind,  # type: ignore[arg-type]  # the table's values are kinds
            event_key=f"{provider_ref}:{status}",
            provider_ref=provider_ref,
            merchant_ref=merchant_ref,
            detail=status if kind == "pending" and re.fullmatch(r"[a-z]{1,20}", status) else "",
        )

    def refund(self, provider_ref: str, amount_tiyn: int, key: str) -> Refunded:
        """See PaymentProvider. It goes back in the way in which it came, at the terminal: a person says that it did."""
        paid = self._status(provider_ref.partition(":")[0])
        cheque = paid.get("chequeInfo")
        said = cheque if isinstance(cheque, dict) else {}
        method = str(said.get("method") or "")
        number = said.get("orderNumber") if method == "qr" else said.get("rrn")
        transaction = str(number or paid.get("transactionId") or "")
        if not method or not transaction:
            raise Rejected("payment_not_refundable")
        data = self._ask(
            "refund", amount=_whole_tenge(amount_tiyn), method=method, transactionId=transaction
        )
        return Refunded("pending", str(data.get("processId") or ""))

    def _status(self, process: str) -> dict[str, Any]:
        return self._ask("status", processId=process)

    def _find_out(self, process: str) -> None:
        now = self._monotonic()
        if (
            now - self._actualized_at.get(process, -ACTUALIZE_AFTER_SECONDS)
            < ACTUALIZE_AFTER_SECONDS
        ):
            return
        self._actualized_at[process] = now
        self._ask("actualize", processId=process)

    # --- the wire -------------------------------------------------------------------------------

    def _ask(self, what: str, **query: str) -> dict[str, Any]:
        tokens = self._tokens.read()
        if not tokens.access:
            tokens = self._let_in(tokens)
        try:
            return self._get(what, query, tokens.access)
        except _NotLetIn:
            tokens = self._let_in(tokens)
        try:
            return self._get(what, query, tokens.access)
        except _NotLetIn as error:  # by a token that it has just given out
            raise Rejected("terminal_not_allowed") from error

    def _let_in(self, old: Tokens) -> Tokens:
        """The next token for the old one; else the person at the terminal is asked."""
        with self._lock:
            kept = self._tokens.read()
            if kept.access and kept.access != old.access:
                return kept  # somebody else has just done it
            said = None
            if old.refresh:
                try:
                    said = self._get(
                        "revoke", {"name": self._name_there, "refreshToken": old.refresh}, ""
                    )
                except (Rejected, _NotLetIn):
                    said = None  # too old: the person decides anew
            if said is None:
                try:
                    said = self._get("register", {"name": self._name_there}, "")
                except (OutcomeUnknown, Rejected, _NotLetIn) as error:
                    raise Rejected("terminal_not_allowed") from error
            tokens = Tokens(
                text_of(said.get("accessToken"), LONGEST_TOKEN),
                text_of(said.get("refreshToken"), LONGEST_TOKEN),
            )
            if not tokens.access:
                raise Rejected("terminal_not_allowed")
            self._tokens.write(tokens)
            return tokens

    def _get(self, what: str, query: dict[str, str], token: str) -> dict[str, Any]:
        headers = {"accesstoken": token} if token else {}
        answer = self._http.ask("GET", f"/v2/{what}?{urlencode(query)}", headers=headers)
        if answer.status in _NOT_LET_IN:
            raise _NotLetIn
        envelope = answer.json()
        code = envelope.get("statusCode")
        if code == 0 and answer.status < 300:
            data = envelope.get("data")
            return data if isinstance(data, dict) else {}
        if code in _NOT_LET_IN:
            raise _NotLetIn
        if code == _BUSY:
            raise Rejected("terminal_busy")
        if what in {"status", "actualize"} or not isinstance(code, int):
            raise OutcomeUnknown(str(code))
        log.warning("terminal_refused", what=what, code=code)
        raise Rejected(detail=str(code))


class _NotLetIn(Exception):
    """The token is not, or no longer, the terminal's."""


def _whole_tenge(amount_tiyn: int) -> str:
    tenge, rest = divmod(amount_tiyn, 100)
    if rest:
        raise Rejected("payment_whole_tenge")
    return str(tenge)
