"""What a PC tells of itself is kept on either database: every test of this folder runs on each."""

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('tmp_path') / 'club.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    return url
