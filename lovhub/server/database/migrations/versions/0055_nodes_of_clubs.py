"""Whose club's server a node is: several clubs of a chain may share the database."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("node", sa.Column("club_id", BIG, nullable=False, server_default="1"))
