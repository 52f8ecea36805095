"""One customer's time that is left is found by an index: for the club as well, SQLite read all that is left there."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_lot_with_time", "lot")
    op.create_index(
        "ix_lot_with_time",
        "lot",
        ["club_id", "customer_id"],
        unique=False,
        sqlite_where=sa.text("exhausted = 0"),
        postgresql_where=sa.text("NOT exhausted"),
    )
