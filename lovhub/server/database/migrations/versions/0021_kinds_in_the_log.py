"""Whose events and of what kind: an index tells both, so that rare kinds are found without fetching the others."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, columns in (
        ("ix_event_computer", ["computer_id"]),
        ("ix_event_customer", ["customer_id"]),
        ("ix_event_actor", ["actor_kind", "actor_id"]),
    ):
        op.drop_index(name, table_name="event")
        op.create_index(name, "event", [*columns, "at", "id", "kind"])
