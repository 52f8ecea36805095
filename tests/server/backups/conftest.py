"""What holds on SQLite holds on PostgreSQL."""

from pathlib import Path

import pytest

from tests.support.databases import each_database as database_url

__all__ = ["database_url"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The club's folder of data."""
    path = tmp_path / "data"
    path.mkdir()
    return path
