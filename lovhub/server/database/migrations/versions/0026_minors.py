"""Ages of customers, and who may stay at night.

The rule is off in a club that is there already: its customers' ages are not known yet.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them."""
    op.add_column(
        "club", sa.Column("minors_rule", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    for table, name in (
        ("customer", "birth_date"),
        ("customer", "age_document"),
        ("play_session", "night_leave"),
        ("seat_code", "night_leave"),
    ):
        op.add_column(table, sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("customer", sa.Column("age_confirmed_at", _BIG, nullable=True))
    # Alembic adds no column with a foreign key to a table of SQLite, which itself can.
    big = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE customer ADD COLUMN age_confirmed_by {big}"
        " CONSTRAINT fk_customer_age_confirmed_by REFERENCES staff (id)"
    )
