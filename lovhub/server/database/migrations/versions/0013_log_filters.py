"""Indexes by which every filter of the log finds its rows in order of time."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_event_computer", table_name="event")
    op.create_index("ix_event_computer", "event", ["computer_id", "at", "id"], unique=False)
    op.drop_index("ix_event_customer", table_name="event")
    op.create_index("ix_event_customer", "event", ["customer_id", "at", "id"], unique=False)
    op.create_index("ix_event_kind", "event", ["club_id", "kind", "at", "id"], unique=False)
    op.create_index("ix_alarm_time", "alarm", ["club_id", "at"], unique=False)
    op.drop_index("ix_launch_customer", table_name="launch")
    op.create_index(
        "ix_launch_customer", "launch", ["customer_id", "started_at", "id"], unique=False
    )
    op.create_index(
        "ix_launch_computer_time", "launch", ["computer_id", "started_at", "id"], unique=False
    )
    op.create_index(
        "ix_launch_application", "launch", ["application_id", "started_at", "id"], unique=False
    )
