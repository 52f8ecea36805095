"""Up to which instant launches are gone: the reports count no day before it anew."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("club", sa.Column("launches_gone_until", BIG, nullable=True))
    # Until now nobody wrote it down: where something may have gone, nothing is there before the first that is left.
    op.execute(
        "UPDATE club SET launches_gone_until ="
        " (SELECT MIN(started_at) FROM launch WHERE launch.club_id = club.id)"
        " WHERE logs_pruned_at IS NOT NULL"
    )
