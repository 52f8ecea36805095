"""In which group a customer is, and so the discount, is told beside the log; as it is now, it is taken for what it is.

Of whom no line tells, is in none: thousands of customers need no lines.
"""

import json

import sqlalchemy as sa
from alembic import op

from lovhub.server.journal import standing, told_values

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    members = connection.execute(
        sa.text("SELECT id, group_id FROM customer WHERE group_id IS NOT NULL ORDER BY id")
    ).all()
    if not members:
        return
    lines = [
        {
            "table_name": "customer",
            "row_key": json.dumps([customer_id]),
            "told": told_values.written({"group_id": group_id}),
        }
        for customer_id, group_id in members
    ]
    club_id, founded_at = connection.execute(
        sa.text("SELECT min(id), min(created_at) FROM club")
    ).one()
    at = int(connection.scalar(sa.text("SELECT max(at) FROM event")) or founded_at)
    data = {"rows": len(lines), standing.VOUCHED: standing.digest(lines)}
    event_id = connection.scalar(
        sa.text(
            "INSERT INTO event (club_id, at, kind, actor_kind, actor_name, actor_role, address, data)"
            " VALUES (:club, :at, 'rows.taken_up', 'system', 'LoVHub', '', '', :data) RETURNING id"
        ),
        {"club": club_id, "at": at, "data": json.dumps(data)},
    )
    into = sa.table("standing", *map(sa.column, ("event_id", "table_name", "row_key", "told")))
    connection.execute(into.insert(), [{"event_id": event_id, **line} for line in lines])
