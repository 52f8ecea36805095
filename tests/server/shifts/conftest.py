"""The drawer must hold on both databases: tests that ask for `club` run on each."""

import pytest

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from tests.support.databases import each_database as database_url
from tests.support.staff import StaffMaker

__all__ = ["database_url"]


@pytest.fixture
def cashier(club: ClubContext) -> Actor:
    """Has the first shift."""
    return StaffMaker(club).make("cashier", login="daniyar")


@pytest.fixture
def manager(club: ClubContext) -> Actor:
    """May close anybody's."""
    return StaffMaker(club).make("manager", login="madina")
