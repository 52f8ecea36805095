"""Everything here holds on both databases."""

import pytest

from lovhub.server.context import ClubContext
from tests.support.web import WebAdmin


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('tmp_path') / 'club.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def web(club: ClubContext) -> WebAdmin:
    """A club with an owner."""
    admin = WebAdmin(club)
    admin.make_owner()
    return admin
