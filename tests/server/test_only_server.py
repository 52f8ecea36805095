"""Two servers on one PostgreSQL: the second is turned away, and one that was displaced stops."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from lovhub.config_loader import ConfigError
from lovhub.server import only_server
from lovhub.server.only_server import OnlyServer
from lovhub.server.refusal import StartRefused, sentence
from tests.support.postgres import PostgresServer
from tests.support.serving import refused, run_lovhub

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'lovhub-server-%'"


class Server:
    """As much of a server as holds the database; it looks at its lock when it is told to."""

    def __init__(self) -> None:
        self.stops = 0
        self.only = OnlyServer(self._stop)

    def _stop(self) -> None:
        self.stops += 1


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Server, Server]]:
    monkeypatch.setattr(only_server, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(only_server, "LOOK_SECONDS", 3600.0)
    first, second = Server(), Server()
    with closing(first.only), closing(second.only):
        yield first, second


def cut(url: str) -> None:
    """As if PostgreSQL had been started anew, or the network had gone."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(CUT)


def test_the_second_server_is_refused_until_the_first_is_gone(
    servers: tuple[Server, Server], postgres_server: PostgresServer, postgres_url: str
) -> None:
    first, second = servers
    first.only.hold(postgres_url)
    first.only.hold(postgres_url)  # between two runs of one process
    with pytest.raises(StartRefused) as told:
        second.only.hold(postgres_url)
    assert "другой сервер" in (sentence(told.value) or "")
    with postgres_server.database() as another:
        second.only.hold(another)  # the lock is of a database
        second.only.close()
    first.only.close()
    second.only.hold(postgres_url)
    second.only.look()
    assert (second.stops, first.stops) == (0, 0)


def test_a_lost_lock_is_taken_again(servers: tuple[Server, Server], postgres_url: str) -> None:
    first, second = servers
    first.only.hold(postgres_url)
    cut(postgres_url)
    first.only.look()
    with pytest.raises(StartRefused):
        second.only.hold(postgres_url)
    # The connection broke at this end only: PostgreSQL still believes that it holds the lock.
    held = first.only._held
    first.only._held = None
    first.only.look()
    assert (first.only.is_taken, first.stops) == (False, 0)
    assert held is not None
    held.invalidate()


def test_a_server_that_was_displaced_stops(
    servers: tuple[Server, Server], postgres_url: str
) -> None:
    first, second = servers
    first.only.hold(postgres_url)
    cut(postgres_url)
    second.only.hold(postgres_url)
    first.only.look()
    assert (first.only.is_taken, first.stops) == (True, 1)
    second.only.close()
    first.only.look()
    assert first.stops == 2, "it was displaced: what it remembers is not the club's any more"


def test_an_embedded_database_has_the_lock_of_its_folder(
    servers: tuple[Server, Server], tmp_path: Path
) -> None:
    for server in servers:
        server.only.hold(f"sqlite:///{tmp_path}/lovhub.sqlite3")
    with pytest.raises(ConfigError):
        servers[0].only.hold("nonsense")


def test_the_command_says_so(
    servers: tuple[Server, Server], postgres_url: str, tmp_path: Path
) -> None:
    servers[0].only.hold(postgres_url)
    (tmp_path / "config.ini").write_text(f"[Database]\nUrl = {postgres_url}\n", encoding="utf-8")
    done = run_lovhub("serve", "--data", str(tmp_path), "--host", "127.0.0.1", "--port", "1")
    assert "С этой базой PostgreSQL уже работает другой сервер LoVHub" in refused(done)
