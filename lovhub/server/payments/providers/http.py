"""Asking a provider: HTTPS with the certificate checked, a limit on everything, and no second try by itself.

What is never known from here is whether a request without an answer was carried out.
"""

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from lovhub.server.payments.providers.contract import OutcomeUnknown

TIMEOUT_SECONDS = 10.0
LARGEST_ANSWER_BYTES = 256 * 1024


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as an object, amounts exact; raises OutcomeUnknown if it is none."""
        try:
            found = json.loads(self.body, parse_float=Decimal)
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
        only_certificate_der: bytes | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """`only_certificate_der`: whoever shows another certificate is told nothing, even one that is trusted."""
        self._base_url = base_url
        parts = urlsplit(base_url)
        self._host = parts.hostname or ""
        self._port = parts.port
        self._path = parts.path.rstrip("/")
        self._timeout_seconds = timeout_seconds
        self._is_plain = parts.scheme == "http"  # loopback only: `settings.py` sees to it
        self._context = context
        self._only_certificate_der = only_certificate_der

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Ask once; raises OutcomeUnknown when nothing that can be read comes back."""
        connection = self._connection()
        try:
            connection.connect()
            self._check_certificate(connection)
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
            only_certificate_der=self._only_certificate_der,
            timeout_seconds=self._timeout_seconds,
        )

    def _check_certificate(self, connection: http.client.HTTPConnection) -> None:
        if self._only_certificate_der is None:
            return
        socket = connection.sock
        if (
            not isinstance(socket, ssl.SSLSocket)
            or socket.getpeercert(binary_form=True) != self._only_certificate_der
        ):
            raise ssl.SSLError("another certificate")

    def _connection(self) -> http.client.HTTPConnection:
        if self._is_plain:
            return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_seconds)
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
