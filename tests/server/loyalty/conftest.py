"""Bonuses and discounts: every test of this folder that has a database runs on both."""

from tests.support.databases import each_database as database_url

__all__ = ["database_url"]
