"""Whom a provider's client talks to: over real TLS."""

import http.server
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lovhub.server.certificate import Certificate, ensure_certificate
from lovhub.server.payments.providers.contract import OutcomeUnknown
from lovhub.server.payments.providers.http import HttpClient


class _Terminal(http.server.BaseHTTPRequestHandler):
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_said: object) -> None:
        """Nothing."""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[tuple[str, Certificate]]:
    """A terminal with a certificate of its own; its address, and the certificate."""
    certificate = ensure_certificate(tmp_path, time.time())
    _Terminal.asked = 0
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Terminal) as server:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate.cert_path, certificate.key_path)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"https://127.0.0.1:{server.server_address[1]}", certificate
        server.shutdown()
        thread.join()


def test_whoever_shows_another_certificate_is_told_nothing_however_trusted(
    terminal: tuple[str, Certificate], tmp_path_factory: pytest.TempPathFactory
) -> None:
    address, own = terminal
    other = ensure_certificate(tmp_path_factory.mktemp("other"), time.time())
    trusting = ssl.create_default_context(cafile=str(own.cert_path))
    right = HttpClient(address, context=trusting, only_certificate_der=own.der)
    assert right.ask("GET", "/").status == 200
    wrong = HttpClient(address, context=trusting, only_certificate_der=other.der)
    for client in (wrong, wrong.under("v02")):
        with pytest.raises(OutcomeUnknown):
            client.ask("GET", "/")
    assert _Terminal.asked == 1
