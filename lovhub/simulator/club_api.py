"""The server's JSON API, as far as the virtual club's desk needs it: HTTPS with the certificate pinned."""

import http.client
import json
import socket
import ssl
from typing import Any, NamedTuple

from lovhub.agent.settings import Address
from lovhub.agent.trust import context_for, name_in_certificate
from lovhub.simulator.contents import InstalledApplication, TariffOnSale
from lovhub.simulator.owner import Owner
from lovhub.simulator.players import Player

TIMEOUT_SECONDS = 15.0


class ApiRefused(Exception):
    """The server did not do it; `code` is its own word for why."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{code} ({status})")
        self.status = status
        self.code = code


class Reply(NamedTuple):
    """An HTTP answer."""

    status: int
    cookies: list[str]
    location: str
    body: bytes


class PinnedConnection(http.client.HTTPSConnection):
    """HTTPS to this address, by the name in the one certificate that is trusted there."""

    def __init__(self, address: Address, certificate_pem: str) -> None:
        self._tls: ssl.SSLContext = context_for(certificate_pem)
        self._name = name_in_certificate(certificate_pem)
        super().__init__(address.host, address.port, timeout=TIMEOUT_SECONDS, context=self._tls)

    def connect(self) -> None:
        """Connect by the stored name, whatever the address."""
        plain = socket.create_connection((self.host, self.port), TIMEOUT_SECONDS)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self._name)


class ClubApi:
    """One connection a request; to be called from any thread."""

    def __init__(self, address: Address, certificate_pem: str) -> None:
        self._address = address
        self._certificate_pem = certificate_pem
        self._token = ""
        self._owner: Owner | None = None
