"""A chain: whose customers a club's are, and who is the same person in another club."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("club", sa.Column("customers_of", BIG, nullable=True))
    op.add_column("staff", sa.Column("same_as", BIG, nullable=True))
    op.add_column("staff", sa.Column("link_hash", sa.LargeBinary(), nullable=True))
    op.add_column("staff", sa.Column("link_until_at", BIG, nullable=True))
    op.create_index("ix_staff_same_as", "staff", ["same_as"])
