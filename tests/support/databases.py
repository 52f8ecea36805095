"""The databases that tests run on: brought to the newest version once, then copied.

Running every migration takes longer than most tests. Copying what they made takes no time for SQLite; for PostgreSQL it
takes longer than most tests too, so that there a database is emptied and given to the next test.
"""

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import text

from lovhub.server.context import ClubContext
from lovhub.server.database.engine import Database
from lovhub.server.database.migrate import migrate
from tests.support.postgres import Emptied, PostgresServer

KINDS = ("sqlite", "postgresql")


def new_sqlite(path: Path) -> str:
    """A migrated database without a club in a new file; returns its URL."""
    path.write_bytes(_migrated_file())
    return f"sqlite:///{path}"


def migrated(request: pytest.FixtureRequest, kind: str) -> str:
    """URL of a migrated database without a club, for the test that asks."""
    if kind == "sqlite":
        return new_sqlite(request.getfixturevalue("tmp_path") / "club.sqlite3")
    url: str = request.getfixturevalue("migrated_postgres_url")
    return url


def empty(request: pytest.FixtureRequest, kind: str) -> str:
    """URL of an empty database, for the test that asks."""
    if kind == "sqlite":
        return f"sqlite:///{request.getfixturevalue('tmp_path') / 'club.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=KINDS)
def each_database(request: pytest.FixtureRequest) -> str:
    """Each test twice: with a migrated database of either kind, without a club."""
    return migrated(request, request.param)


@pytest.fixture(params=KINDS)
def each_empty_database(request: pytest.FixtureRequest) -> str:
    """Each test twice: with an empty database of either kind."""
    return empty(request, request.param)


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: PostgresServer) -> Emptied:
    """Migrated PostgreSQL databases, used again and again."""
    return Emptied(postgres_server, postgres_server.template("migrated", _migrate))


@pytest.fixture
def migrated_postgres_url(migrated_postgres: Emptied) -> Iterator[str]:
    """URL of a migrated PostgreSQL database that this one test has for itself."""
    with migrated_postgres.database() as url:
        yield url


@pytest.fixture
def only_postgres(migrated_postgres_url: str) -> str:
    """What tests that SQLite has no part in take as their `database_url`."""
    return migrated_postgres_url


def _migrate(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.close()


@cache
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "migrated.sqlite3"
        _migrate(f"sqlite:///{path}")
        assert [file.name for file in Path(folder).iterdir()] == [path.name], (
            "all of it is in there"
        )
        return path.read_bytes()


def number_of_waiting(club: ClubContext) -> int:
    """How many connections wait for a lock of PostgreSQL's just now."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with club.read() as db:
        return db.scalars(waiting).one()
