"""The month is played on both databases."""

from tests.server.conftest import clock, club, hasty_disk, quick_passwords
from tests.support.databases import each_database as database_url

__all__ = ["clock", "club", "database_url", "hasty_disk", "quick_passwords"]
