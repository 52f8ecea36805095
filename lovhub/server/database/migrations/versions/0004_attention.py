"""Calls from players, alarms that are taken, ends of sessions that were seen.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "call",
        sa.Column("id", _INT, nullable=False),
        sa.Column("club_id", _INT, nullable=False),
        sa.Column("computer_id", _INT, nullable=False),
        sa.Column("session_id", _INT, nullable=True),
        sa.Column("customer_id", _INT, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("count", _INT, nullable=False),
        sa.Column("called_at", _INT, nullable=False),
        sa.Column("last_called_at", _INT, nullable=False),
        sa.Column("taken_at", _INT, nullable=True),
        sa.Column("taken_by", _INT, nullable=True),
        sa.Column("closed_at", _INT, nullable=True),
        sa.Column("closed_by", _INT, nullable=True),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_call_club_id"),
        sa.ForeignKeyConstraint(["computer_id"], ["computer.id"], name="fk_call_computer_id"),
        sa.ForeignKeyConstraint(["session_id"], ["play_session.id"], name="fk_call_session_id"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_call_customer_id"),
        sa.ForeignKeyConstraint(["taken_by"], ["staff.id"], name="fk_call_taken_by"),
        sa.ForeignKeyConstraint(["closed_by"], ["staff.id"], name="fk_call_closed_by"),
        sa.PrimaryKeyConstraint("id", name="pk_call"),
    )
    op.create_index("ix_call_open", "call", ["club_id", "closed_at", "called_at"])
    op.create_index(
        "uq_call_open_computer",
        "call",
        ["computer_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "ending_dismissal",
        sa.Column("session_id", _INT, nullable=False),
        sa.Column("club_id", _INT, nullable=False),
        sa.Column("ends_at", _INT, nullable=False),
        sa.Column("dismissed_at", _INT, nullable=False),
        sa.Column("dismissed_by", _INT, nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["play_session.id"], name="fk_ending_dismissal_session_id"
        ),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_ending_dismissal_club_id"),
        sa.ForeignKeyConstraint(
            ["dismissed_by"], ["staff.id"], name="fk_ending_dismissal_dismissed_by"
        ),
        sa.PrimaryKeyConstraint("session_id", name="pk_ending_dismissal"),
    )
    op.add_column("alarm", sa.Column("taken_at", _INT, nullable=True))
    op.add_column("alarm", sa.Column("note", sa.String(), nullable=False, server_default=""))
    # Spelled out: Alembic would add the foreign key by a second statement, which SQLite does not have.
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE alarm ADD COLUMN taken_by {number}"
        " CONSTRAINT fk_alarm_taken_by REFERENCES staff (id)"
    )
    op.create_index("ix_alarm_computer", "alarm", ["computer_id", "at", "id"])
    op.create_index("ix_play_session_computer", "play_session", ["computer_id", "id"])
