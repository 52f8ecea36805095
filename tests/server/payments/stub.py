"""A provider's far end for tests of one wire: canned answers, and what was asked."""

import json
from collections.abc import Mapping
from typing import Any

from lovhub.server.payments.providers.contract import OutcomeUnknown
from lovhub.server.payments.providers.http import (
    NAME_HEADER,
    Answer,
    HttpClient,
    named_request,
)


class StubHttp(HttpClient):
    """Answers by method and path; what it has no answer for is lost on the way."""

    def __init__(self, **_anything: object) -> None:
        self.answers: dict[str, list[Answer | None]] = {}
        self.asked: list[tuple[str, Mapping[str, str], str]] = []
        self.version = "v01"

    def will(self, ask: str, said: Any, status: int = 200) -> None:
        """Answer `ask` («POST /qr/create») so, after what it is to answer before; None: lose the answer."""
        answer = None if said is None else Answer(status, json.dumps(said).encode())
        self.answers.setdefault(ask, []).append(answer)

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        named_request.set((headers or {}).get(NAME_HEADER, ""))
        self.asked.append((f"{method} {path}", headers or {}, (body or b"").decode()))
        answers = self.answers.get(f"{method} {path}", [])
        answer = answers[0] if len(answers) == 1 else answers.pop(0) if answers else None
        if answer is None:
            raise OutcomeUnknown("lost")
        return answer

    def under(self, version: str) -> HttpClient:
        return _Under(self, version)


class _Under(HttpClient):
    def __init__(self, stub: StubHttp, version: str) -> None:
        self._stub = stub
        self._version = version

    def ask(self, method: str, path: str, **more: Any) -> Answer:
        return self._stub.ask(method, f"/{self._version}{path}", **more)
