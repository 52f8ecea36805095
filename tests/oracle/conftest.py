"""The month is played on both databases."""

from tests.server.conftest import clock, club, quick_passwords, sqlite_for_tests
from tests.support.databases import each_database as database_url

__all__ = ["clock", "club", "database_url", "quick_passwords", "sqlite_for_tests"]
