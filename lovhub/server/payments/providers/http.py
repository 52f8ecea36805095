"""Asking a provider: HTTPS with the certificate checked, a limit on everything, and no second try by itself.

What is never known from here is whether a request without an answer was carried out.
"""

import http.client
import json
import ssl
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from lovhub.pinned_tls import PinnedConnection
from lovhub.server.payments.providers.contract import OutcomeUnknown

TIMEOUT_SECONDS = 10.0
LARGEST_ANSWER_BYTES = 256 * 1024

NAME_HEADER = "X-Request-ID"

named_request: ContextVar[str] = ContextVar("named_request", default="")
"""The name of the last request that this thread has sent to a provider, where the wire has one: for the log."""


LONGEST_TEXT = 200
LONGEST_SHOWN = 1000
"""What a payer is shown; a code holds little more."""


def read_json(body: bytes) -> Any:
    """What JSON says, amounts exact; raises ValueError, RecursionError for what is none.

    An object that says something twice is none: others read it otherwise, and the signature fits both.
    """
    found = json.loads(body, parse_float=Decimal, object_pairs_hook=_said_once)
    # Half a character may be written in JSON, and no database takes it: as good as malformed.
    json.dumps(found, ensure_ascii=False, default=str).encode()
    return found


def _said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("said twice")
    return found


def text_of(said: Any, longest: int = LONGEST_TEXT) -> str:
    """A name or a number as text; "" for what is neither, or no name that could be kept (a null among them)."""
    if isinstance(said, bool) or not isinstance(said, str | int):
        return ""
    text = str(said)
    return text if len(text) <= longest and text.isprintable() else ""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as an object, amounts exact; raises OutcomeUnknown if it is none."""
        try:
            found = read_json(self.body)
        except (ValueError, RecursionError) as error:
            raise OutcomeUnknown("not JSON") from error
        if not isinstance(found, dict):
            raise OutcomeUnknown("no object")
        return found


class HttpClient:
    """One provider's address. A connection a request: they are rare, and never shared between threads."""

    def __init__(
        self,
        base_url: str,
        *,
        context: ssl.SSLContext | None = None,
        pinned_pem: str = "",
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """`pinned_pem`: the one certificate that is trusted there, and its name is the one checked."""
        self._base_url = base_url
        parts = urlsplit(base_url)
        self._host = parts.hostname or ""
        self._port = parts.port
        self._path = parts.path.rstrip("/")
        self._timeout_seconds = timeout_seconds
        self._is_plain = parts.scheme == "http"  # loopback only: `settings.py` sees to it
        self._context = context
        self._pinned_pem = pinned_pem

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Ask once; raises OutcomeUnknown when nothing that can be read comes back."""
        named_request.set((headers or {}).get(NAME_HEADER, ""))
        connection = self._connection()
        try:
            connection.request(method, self._path + path, body, dict(headers or {}))
            response = connection.getresponse()
            answer = response.read(LARGEST_ANSWER_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            # Neither the address nor the headers go into the text: they may hold secrets.
            raise OutcomeUnknown(type(error).__name__) from None
        finally:
            connection.close()
        if len(answer) > LARGEST_ANSWER_BYTES:
            raise OutcomeUnknown("too long")
        return Answer(response.status, answer)

    def under(self, version: str) -> "HttpClient":
        """The same provider under another version of its API, which is the last word of its address."""
        base_url = f"{self._base_url.rpartition('/')[0]}/{version}"
        return HttpClient(
            base_url,
            context=self._context,
            pinned_pem=self._pinned_pem,
            timeout_seconds=self._timeout_seconds,
        )

    def _connection(self) -> http.client.HTTPConnection:
        if self._is_plain:
            return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_seconds)
        if self._pinned_pem:
            return PinnedConnection(
                self._host, self._port, self._pinned_pem, timeout_seconds=self._timeout_seconds
            )
        context = self._context or ssl.create_default_context()
        return http.client.HTTPSConnection(
            self._host, self._port, timeout=self._timeout_seconds, context=context
        )


def json_body(said: Mapping[str, object]) -> bytes:
    """The object as JSON, amounts as exact numbers (`Decimal` is written as it stands)."""
    parts = []
    for name, value in said.items():
        written = format(value, "f") if isinstance(value, Decimal) else json.dumps(value)
        parts.append(f"{json.dumps(name)}:{written}")
    return ("{" + ",".join(parts) + "}").encode()
