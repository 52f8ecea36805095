"""Clubs and people for tests of the server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lovhub.clock import ManualClock
from lovhub.server.bus import News
from lovhub.server.context import ClubContext
from tests.support.club import People, found_club
from tests.support.databases import new_sqlite


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
