"""Carrying a club from its SQLite file to PostgreSQL."""
