"""Bonuses and discounts: every test of this folder that has a database runs on both."""

import pytest

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from tests.server.loyalty.helpers import Club
from tests.support.club import People
from tests.support.databases import each_database as database_url

__all__ = ["database_url"]


@pytest.fixture
def there(club: ClubContext, people: People, clock: ManualClock) -> Club:
    """A club with a customer at a PC."""
    return Club(club, people, clock)
