"""Clubs of one database."""

import pytest

from lovhub.clock import Clock
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from tests.support.club import found_another_club


@pytest.fixture
def palace(club: ClubContext, clock: Clock) -> ClubContext:
    """Another club of the database."""
    other = found_another_club(club.database, clock, club_id=2)
    with other.write() as work:
        work.db.get_one(Club, 2).name = "Дворец"
    return other
