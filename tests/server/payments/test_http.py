"""Whom a provider's client talks to: over real TLS."""

import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from lovhub import config_loader
from lovhub.server.payments import settings
from lovhub.server.payments.providers.contract import OutcomeUnknown
from lovhub.server.payments.providers.http import HttpClient
from tests.agent.support.certificates import Certificate, make_certificate


class _Terminal(http.server.BaseHTTPRequestHandler):
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_said: object) -> None:
        """Nothing."""


@contextmanager
def terminal(shown: Certificate, *, known: Certificate | None = None) -> Iterator[str]:
    """The address of a terminal, or a bank, that shows this certificate. `known`: nobody else is let in."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Terminal) as server:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(shown.certificate_file, shown.key_file)
        if known is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(known.certificate_file)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"https://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()
        thread.join()


def test_only_the_pinned_certificate_is_told_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Terminal, "asked", 0)
    # As terminals make it: for a name of their own, and with the right to sign others.
    own = make_certificate(tmp_path / "own", dns_names=("pos",), addresses=(), is_authority=True)
    with terminal(own) as address:
        assert HttpClient(address, pinned_pem=own.pem).ask("GET", "/").status == 200
        assert HttpClient(address, pinned_pem=own.pem).under("v2").ask("GET", "/").status == 200
        assert _Terminal.asked == 2
        stranger = make_certificate(tmp_path / "other", dns_names=("pos",), addresses=())
        with pytest.raises(OutcomeUnknown):
            HttpClient(address, pinned_pem=stranger.pem).ask("GET", "/")
        with pytest.raises(OutcomeUnknown):
            HttpClient(address).ask("GET", "/")
    name = x509.load_pem_x509_certificate(own.pem.encode()).subject
    key = load_pem_private_key(own.key_file.read_bytes(), None)
    assert isinstance(key, EllipticCurvePrivateKey)
    signed = make_certificate(
        tmp_path / "signed", "signed", dns_names=("pos",), addresses=(), issuer=(name, key)
    )
    with terminal(signed) as address, pytest.raises(OutcomeUnknown):
        HttpClient(address, pinned_pem=own.pem).ask("GET", "/")
    assert _Terminal.asked == 2


def test_the_club_s_certificate_opens_r3_and_the_bank_must_show_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Terminal, "asked", 0)
    bank, club, stranger = (
        make_certificate(tmp_path / name, name, is_authority=True)
        for name in ("bank", "club", "stranger")
    )

    def ask(address: str, own: Certificate, trusted: Certificate) -> int:
        """How often the bank has heard of a club with these files."""
        lines = {
            "Mode": "qr_r3", "BaseUrl": address, "DeviceToken": "guid-1", "OrganizationBin": "180340021791",
            "CertFile": own.certificate_file, "KeyFile": own.key_file, "CaFile": trusted.certificate_file,
        }  # fmt: skip
        path = tmp_path / "config.ini"
        path.write_text("[Kaspi]\n" + "".join(f"{name} = {it}\n" for name, it in lines.items()))
        provider = settings.read(config_loader.load(path), tmp_path).main
        assert provider is not None
        with pytest.raises(OutcomeUnknown):  # the bank that is none says nothing that makes sense
            provider.fetch("15", "lov-1")
        return _Terminal.asked

    with terminal(bank, known=club) as address:
        assert ask(address, own=stranger, trusted=bank) == 0
        assert ask(address, own=club, trusted=stranger) == 0
        assert ask(address, own=club, trusted=bank) == 1
