"""What PCs say is written by statements of either database; every test of this folder runs on both."""

from tests.support.databases import each_database as database_url

__all__ = ["database_url"]
