"""Another certificate while the server runs."""

import hashlib
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lovhub.clock import ManualClock
from lovhub.server import serving
from lovhub.server.certificate import ensure_certificate
from lovhub.server.channel.hub import Hub
from lovhub.server.context import ClubContext
from lovhub.server.renewing import CertificateWatch


def shown(tls: ssl.SSLContext, trusted: bytes) -> bytes:
    """The certificate that somebody who trusts this one, and no other, is shown. Raises SSLError for another."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    trust = ssl.create_default_context(cadata=trusted)
    client = trust.wrap_bio(to_client, to_server, server_hostname="localhost")
    server = tls.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(10):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return client.getpeercert(binary_form=True) or b""


def at_once(call: Callable[..., None], *arguments: object) -> None:
    call(*arguments)


def test_who_comes_next_is_shown_the_new_one_and_pcs_are_told_of_it(
    club: ClubContext, tmp_path: Path, clock: ManualClock
) -> None:
    clock.wall_shift_seconds = time.time() - clock.wall()
    folders = tmp_path / "club", tmp_path / "other", tmp_path / "aged"
    for each in folders:
        each.mkdir()
    folder, other, aged = folders
    old = ensure_certificate(folder, clock.wall())
    new = ensure_certificate(other, clock.wall())
    tls = serving.tls_context(old)
    hub = Hub(club, old.der)
    watch = CertificateWatch(
        folder, clock, tls, old.der, taken=hub.show_certificate, on_loop=at_once
    )
    watch.look()
    assert shown(tls, old.der) == old.der
    with pytest.raises(ssl.SSLCertVerificationError):
        shown(tls, new.der)
    old.cert_path.write_bytes(new.cert_path.read_bytes())
    watch.look()  # its key is not there yet
    assert shown(tls, old.der) == old.der
    old.key_path.write_bytes(new.key_path.read_bytes())
    watch.look()
    assert shown(tls, new.der) == new.der
    assert hub.statement.certificate_sha256 == hashlib.sha256(new.der).digest()
    grown_old = ensure_certificate(aged, clock.wall() - 800 * 24 * 3600)  # made here, long ago
    old.cert_path.write_bytes(grown_old.cert_path.read_bytes())
    old.key_path.write_bytes(grown_old.key_path.read_bytes())
    watch.look()
    made = ssl.PEM_cert_to_DER_cert(old.cert_path.read_text())
    assert made not in {old.der, new.der, grown_old.der}
    assert shown(tls, made) == made
