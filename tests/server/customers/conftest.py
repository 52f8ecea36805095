"""Customers on SQLite; tests of money and time say `pytestmark = on_both_databases` and run on each."""

import pytest

from tests.support.databases import migrated


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database, of the kind the test was marked with."""
    return migrated(request, getattr(request, "param", "sqlite"))
