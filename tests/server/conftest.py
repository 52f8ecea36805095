"""A founded club on SQLite, whose clock stands still until a test moves it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lovhub.clock import ManualClock
from lovhub.server.bus import News
from lovhub.server.context import ClubContext
from tests.support.club import found_club


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def club(tmp_path: Path, clock: ManualClock) -> Iterator[ClubContext]:
    club = found_club(f"sqlite:///{tmp_path / 'club.sqlite3'}", clock)
    yield club
    club.database.close()


@pytest.fixture
def news(club: ClubContext) -> list[News]:
    """Everything the club's bus tells during the test."""
    told: list[News] = []
    club.bus.listen(told.append)
    return told
