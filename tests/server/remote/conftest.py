"""What a PC tells of itself is kept on either database: every test of this folder runs on each."""

from tests.support.databases import each_database as database_url

__all__ = ["database_url"]
