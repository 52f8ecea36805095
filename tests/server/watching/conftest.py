"""Whether a database can be written to is a question to either kind."""

from tests.support.databases import each_database as database_url

__all__ = ["database_url"]
