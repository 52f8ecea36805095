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
    for name in ("age_confirmed_at", "age_confirmed_by"):
        op.add_column("customer", sa.Column(name, _BIG, nullable=True))
