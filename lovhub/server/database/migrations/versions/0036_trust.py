"""Where staff may come from, when a password was last asked, and which request a row came from."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "club", sa.Column("staff_addresses", sa.String(), nullable=False, server_default="")
    )
    op.add_column(
        "staff_session", sa.Column("confirmed_at", BIG, nullable=False, server_default="0")
    )
    # Empty for all that was before. What is sealed names its columns, and this is none of them.
    op.add_column("event", sa.Column("request_id", sa.String(), nullable=True))
    op.add_column("ledger_posting", sa.Column("request_id", sa.String(), nullable=True))
