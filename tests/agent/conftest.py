from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.agent.support.certificates import Certificate, make_certificate
from tests.agent.support.club_server import ClubServer

MakeServer = Callable[..., ClubServer]


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[MakeServer]:
    """Servers with a certificate each, all stopped at the end."""
    servers: list[ClubServer] = []

    def make(
        certificate: Certificate | None = None, identity: Ed25519PrivateKey | None = None
    ) -> ClubServer:
        folder = tmp_path / f"server-{len(servers)}"
        server = ClubServer(certificate or make_certificate(folder), identity)
        servers.append(server)
        return server.start()

    yield make
    for server in servers:
        server.kill()


@pytest.fixture
def club(make_server: MakeServer) -> ClubServer:
    """The club's own server."""
    return make_server()
