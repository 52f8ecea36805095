"""Money and time must hold on both databases: every test of this folder runs on each."""

from tests.support.databases import each_database as database_url
from tests.support.remembered import remembered_as_counted

__all__ = ["database_url", "remembered_as_counted"]
