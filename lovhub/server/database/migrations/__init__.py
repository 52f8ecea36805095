"""Alembic's migrations: the only way the schema comes into being or changes."""
