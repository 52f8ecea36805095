"""In which group a customer is, and so the discount, is told beside the log; as it is now, it is taken for what it is.

Of whom no line tells, is in none: thousands of customers need no lines.
"""

import json

import sqlalchemy as sa
from alembic import op

from lovhub.server.journal import told_values
from lovhub.server.journal.taking_up import take_up

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    members = connection.execute(
        sa.text("SELECT id, group_id FROM customer WHERE group_id IS NOT NULL ORDER BY id")
    ).all()
    lines = [
        {
            "table_name": "customer",
            "row_key": json.dumps([customer_id]),
            "told": told_values.written({"group_id": group_id}),
        }
        for customer_id, group_id in members
    ]
    if lines:
        take_up(connection, lines)
