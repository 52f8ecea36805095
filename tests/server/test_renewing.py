"""Another certificate while the server runs."""

import hashlib
import ssl
import time
from collections.abc import Callable
from pathlib import Path

from lovhub.clock import ManualClock
from lovhub.server import serving
from lovhub.server.certificate import ensure_certificate
from lovhub.server.channel.hub import Hub
from lovhub.server.context import ClubContext
from lovhub.server.renewing import CertificateWatch


def shown(tls: ssl.SSLContext) -> bytes:
    """The certificate that somebody who connects now is shown."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    anybody = ssl.create_default_context()
    anybody.check_hostname = False
    anybody.verify_mode = ssl.CERT_NONE
    client = anybody.wrap_bio(to_client, to_server)
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
    folder, other = tmp_path / "club", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    old = ensure_certificate(folder, clock.wall())
    new = ensure_certificate(other, clock.wall())
    tls = serving.tls_context(old)
    hub = Hub(club, old.der)
    watch = CertificateWatch(
        folder, clock, tls, old.der, taken=hub.show_certificate, on_loop=at_once
    )
    watch.look()
    assert shown(tls) == old.der
    old.cert_path.write_bytes(new.cert_path.read_bytes())
    watch.look()  # its key is not there yet
    assert shown(tls) == old.der
    old.key_path.write_bytes(new.key_path.read_bytes())
    watch.look()
    assert shown(tls) == new.der
    assert hub.statement.certificate_sha256 == hashlib.sha256(new.der).digest()
    clock.wall_shift_seconds += 800 * 24 * 3600
    watch.look()  # one that was made here, grown old
    assert shown(tls) not in {old.der, new.der}
