"""The few payments that wait or want a look are found among all that failed, in the index alone."""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_payment_without_posting", "payment")
    op.create_index(
        "ix_payment_without_posting",
        "payment",
        ["club_id", "created_at", "id", "state"],
        sqlite_where=sa.text("posting_id IS NULL"),
        postgresql_where=sa.text("posting_id IS NULL"),
    )
