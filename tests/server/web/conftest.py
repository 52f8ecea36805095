"""The web admin of a real club on SQLite, with a hall, PCs and pairings that a test arranges."""

import pytest

from lovhub.server.context import ClubContext
from tests.support.web import Browser, WebAdmin


@pytest.fixture
def web(club: ClubContext) -> WebAdmin:
    """A club with an owner."""
    admin = WebAdmin(club)
    admin.make_owner()
    return admin


@pytest.fixture
def desk(web: WebAdmin) -> Browser:
    """The owner's browser."""
    return web.owner()
