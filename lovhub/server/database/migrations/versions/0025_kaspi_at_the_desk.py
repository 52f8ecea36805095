"""Payments through Kaspi that are no customer's: a guest's time, drinks.

Revision ID: 0025
Revises: 0024
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a payment have no customer."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        op.alter_column("payment", "customer_id", nullable=True)
        return
    # SQLite cannot alter a column, and a table that others refer to cannot be made anew inside a transaction. For a
    # constraint that is only taken away it documents this way (sqlite.org/lang_altertable.html, section 7).
    was, now = "customer_id INTEGER NOT NULL", "customer_id INTEGER"
    (version,) = bind.exec_driver_sql("PRAGMA schema_version").one()
    bind.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = bind.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'payment'"
        " AND sql LIKE ?",
        (was, now, f"%{was}%"),
    )
    bind.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema = OFF")
    if changed.rowcount != 1:
        raise RuntimeError("the table of payments is not as migration 0015 made it")
