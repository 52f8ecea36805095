"""Customers on SQLite; tests of money and time say `pytestmark = on_both_databases` and run on each."""

import pytest


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database, of the kind the test was marked with."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{request.getfixturevalue('tmp_path') / 'club.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    return url
