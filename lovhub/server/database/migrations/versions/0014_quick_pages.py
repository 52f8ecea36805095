"""Indexes for what the benchmark of the pages found slow."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite uses a partial index only if the question repeats its condition, and it asks "is_club = 1": until now
    # every booking read all accounts to find the club's own.
    op.drop_index("uq_ledger_account_club_kind", table_name="ledger_account")
    op.create_index(
        "uq_ledger_account_club_kind",
        "ledger_account",
        ["club_id", "kind"],
        unique=True,
        sqlite_where=sa.text("is_club = 1"),
        postgresql_where=sa.text("is_club"),
    )
    op.create_index("ix_play_session_state", "play_session", ["club_id", "state"])
    op.create_index("ix_customer_created", "customer", ["club_id", "created_at", "deleted_at"])
