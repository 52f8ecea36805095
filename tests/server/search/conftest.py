"""Everything here holds on both databases."""

from collections.abc import Iterator

import pytest

from lovhub.server.context import ClubContext
from tests.support.databases import each_database as database_url
from tests.support.web import WebAdmin

__all__ = ["database_url"]


@pytest.fixture
def web(club: ClubContext) -> Iterator[WebAdmin]:
    """A club with an owner."""
    admin = WebAdmin(club)
    admin.make_owner()
    yield admin
    admin.give_back()
