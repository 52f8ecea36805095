"""What is told must be written down alike on both databases."""

from tests.support.databases import each_database as database_url

__all__ = ["database_url"]
