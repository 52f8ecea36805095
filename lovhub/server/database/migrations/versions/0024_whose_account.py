"""Whose customer account is whose of the staff; how long a PC may be on without a session before it is told."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    big = BIG.compile(dialect=op.get_bind().dialect)
    # By hand: Alembic would want batch mode on SQLite.
    op.execute(
        f"ALTER TABLE staff ADD COLUMN customer_id {big}"
        " CONSTRAINT fk_staff_customer_id REFERENCES customer (id)"
    )
    op.add_column(
        "club",
        sa.Column("on_without_session_minutes", BIG, nullable=False, server_default="0"),
    )
