"""Receipts' numbers come from money's transactions: their tests run on both databases."""

from tests.support.databases import each_database as database_url

__all__ = ["database_url"]
