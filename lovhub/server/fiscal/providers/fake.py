"""The operator that is none (`lovhub ofd`): for the demonstration and for tests, never for a club at work."""

import json
from dataclasses import asdict
from typing import Any

from lovhub.server.fiscal.providers.contract import Document, Refused, Registered, Unknown
from lovhub.server.payments.providers.contract import OutcomeUnknown
from lovhub.server.payments.providers.http import HttpClient


class FakeProvider:
    """Speaks JSON to this computer only."""

    name = "fake"

    def __init__(self, http: HttpClient, token: str) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def send(self, document: Document) -> Registered:
        """See FiscalProvider."""
        body = json.dumps(asdict(document)).encode()
        status, said = self._ask("POST", "/documents", body)
        if status == 422:
            raise Refused(str(said.get("problem", "")))
        if status != 200:
            raise Unknown(f"HTTP {status}")
        return _registered(said)

    def find(self, key: str) -> Registered | None:
        """See FiscalProvider."""
        status, said = self._ask("GET", f"/documents/{key}", None)
        if status == 404:
            return None
        if status != 200:
            raise Unknown(f"HTTP {status}")
        return _registered(said)

    def _ask(self, method: str, path: str, body: bytes | None) -> tuple[int, dict[str, Any]]:
        try:
            answer = self._http.ask(method, path, headers=self._headers, body=body)
            return answer.status, answer.json()
        except OutcomeUnknown as error:
            raise Unknown(str(error)) from error


def _registered(said: dict[str, Any]) -> Registered:
    number = said.get("fiscal_number")
    if not isinstance(number, str) or not number:
        raise Unknown("no number")
    return Registered(number, str(said.get("check_url", "")))
