"""The server's own work has no person who would notice that it fails on one of the databases: every test of this folder runs on both databases."""

from tests.support.databases import each_database as database_url

__all__ = ["database_url"]
