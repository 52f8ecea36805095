"""A new certificate is taken up while the server runs: nobody restarts a club for a file, least of all in the evening.

Looks at `cert.pem` and `key.pem` now and then. Whoever is connected stays; who comes next is shown the new one, which
the club's identity vouches for. A pair that is no pair (half of it copied, say) changes nothing until it is whole. One
that was made here is made anew when it grows old.
"""

import ssl
from collections.abc import Callable
from pathlib import Path

import structlog

from lovhub.clock import Clock
from lovhub.server.certificate import Certificate, ensure_certificate
from lovhub.server.jobs.scheduler import Job
from lovhub.server.refusal import StartRefused

LOOK_SECONDS = 60.0

log = structlog.get_logger("certificate")


class CertificateWatch:
    """Shows in `tls` what lies in the folder `data`.

    `taken`: hears of a new one; `on_loop`: has the event loop call something.
    """

    def __init__(
        self,
        data: Path,
        clock: Clock,
        tls: ssl.SSLContext,
        shown_der: bytes,
        *,
        taken: Callable[[bytes], None],
        on_loop: Callable[..., None],
    ) -> None:
        self._data = data
        self._clock = clock
        self._tls = tls
        self._shown_der = shown_der
        self._taken = taken
        self._on_loop = on_loop
        self._told = ""

    def jobs(self) -> list[Job]:
        """What the scheduler is to do."""
        return [Job("certificate", LOOK_SECONDS, self.look, everywhere=True)]

    def look(self) -> None:
        """Take up another certificate, if there is one."""
        try:
            found = ensure_certificate(self._data, self._clock.wall())
        except StartRefused as refused:
            if refused.code != self._told:
                log.warning("certificate_not_taken", code=refused.code)
            self._told = refused.code
            return
        self._told = ""
        if found.der != self._shown_der:
            self._shown_der = found.der
            # Handshakes are made on the loop: no other thread may change what they are made with.
            self._on_loop(self._take, found)

    def _take(self, found: Certificate) -> None:
        self._tls.load_cert_chain(found.cert_path, found.key_path)
        self._taken(found.der)
        log.warning("certificate_taken", ends_at=found.ends_at)
