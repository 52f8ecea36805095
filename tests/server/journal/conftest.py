"""What holds on SQLite holds on PostgreSQL."""

from tests.support.databases import each_database as database_url

__all__ = ["database_url"]
