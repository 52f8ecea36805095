"""The schema is the same on both databases."""

from tests.support.databases import each_empty_database as database_url

__all__ = ["database_url"]
