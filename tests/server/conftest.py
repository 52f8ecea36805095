"""Clubs and people for tests of the server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from tests.support.club import People, found_club


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still until the test moves it."""
    return ManualClock()


@pytest.fixture
def club(tmp_path: Path, clock: ManualClock) -> Iterator[ClubContext]:
    """A founded, empty club on SQLite."""
    founded = found_club(f"sqlite:///{tmp_path / 'club.sqlite3'}", clock)
    yield founded
    founded.database.close()


@pytest.fixture
def people(club: ClubContext) -> People:
    """Makes customers, PCs and tariffs."""
    return People(club)
