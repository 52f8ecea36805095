import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lovhub.clock import TEST_FOLDER_MARK
from lovhub.protocol import channel
from tests.agent.support.certificates import Certificate, make_certificate
from tests.agent.support.club_server import ClubServer
from tests.agent.support.pc_agent import PcAgent

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


@pytest.fixture
def pc(club: ClubServer, tmp_path: Path) -> Iterator[PcAgent]:
    """A paired PC that is locked and has told the club so."""
    with PcAgent(tmp_path / "pc", club.port) as pc:
        pc.wait_mode("locked")
        club.wait_for(channel.Heartbeat)
        yield pc


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    """The command sets up logging for its process: what comes after in this one must not write into its files."""
    root, websockets = logging.getLogger(), logging.getLogger("websockets")
    handlers, levels, words = (
        root.handlers[:],
        (root.level, websockets.level),
        structlog.get_config(),
    )
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    websockets.setLevel(levels[1])
    structlog.configure(**words)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Of an agent that is started by its command, with a clock that tests may move."""
    folder = tmp_path / "pc"
    folder.mkdir()
    (folder / TEST_FOLDER_MARK).touch()
    return folder
