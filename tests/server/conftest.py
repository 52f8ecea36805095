"""Clubs and people for tests of the server."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from lovhub.clock import ManualClock
from lovhub.server.bus import News
from lovhub.server.context import ClubContext
from lovhub.server.database import engine
from lovhub.server.staff import passwords
from tests.support.club import People, found_club
from tests.support.databases import new_sqlite

PREPARE_SQLITE = engine._prepare_sqlite_connection
COSTLY_HASHER = passwords._hasher
COSTLY_DECOY = passwords.DECOY_HASH


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hashes that cost next to nothing, in this process: tests make people by the hundred and guess at nobody."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", quick)
        patch.setattr(passwords, "DECOY_HASH", quick.hash(secrets.token_urlsafe()))
        yield


@pytest.fixture(scope="session", autouse=True)
def sqlite_for_tests() -> Iterator[None]:
    """SQLite of this process does not wait for the disk, and gives rows that nobody asked for in an order the other
    way round: no test cuts the machine's power, and PostgreSQL may give such rows in any order.
    """

    def prepare(connection: Any, record: object) -> None:
        PREPARE_SQLITE(connection, record)
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA reverse_unordered_selects = ON")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_prepare_sqlite_connection", prepare)
        yield


@pytest.fixture
def careful_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite as in a club."""
    monkeypatch.setattr(engine, "_prepare_sqlite_connection", PREPARE_SQLITE)


@pytest.fixture
def costly_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes as a club makes them."""
    monkeypatch.setattr(passwords, "_hasher", COSTLY_HASHER)
    monkeypatch.setattr(passwords, "DECOY_HASH", COSTLY_DECOY)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still until the test moves it."""
    return ManualClock()


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """A migrated SQLite database. Domains that must hold on PostgreSQL too override this."""
    return new_sqlite(tmp_path / "club.sqlite3")


@pytest.fixture
def club(database_url: str, clock: ManualClock) -> Iterator[ClubContext]:
    """A founded, empty club."""
    founded = found_club(database_url, clock)
    yield founded
    founded.database.close()


@pytest.fixture
def people(club: ClubContext) -> People:
    """Makes customers, PCs and tariffs."""
    return People(club)


@pytest.fixture
def news(club: ClubContext) -> list[News]:
    """Everything the club's bus tells during the test."""
    told: list[News] = []
    club.bus.listen(told.append)
    return told
