"""What a customer is called and signs in with is told beside the log, as hashes under a salt of the customer's own.

As it is now, it is taken for what it is, but for the group, of which was told before: of whom no line tells, is in
none.
"""

import secrets

import sqlalchemy as sa
from alembic import op

from lovhub.server.database import tables
from lovhub.server.journal import standing
from lovhub.server.journal.taking_up import take_up

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customer", sa.Column("salt", sa.LargeBinary(), nullable=True))
    connection = op.get_bind()
    known = [
        {"id": number, "salt": secrets.token_bytes(16)}
        for number in connection.scalars(
            sa.text("SELECT id FROM customer WHERE deleted_at IS NULL")
        )
    ]
    if known:
        connection.execute(sa.text("UPDATE customer SET salt = :salt WHERE id = :id"), known)
    table = tables.Base.metadata.tables["customer"]
    of_group = set(
        connection.scalars(
            sa.text(
                "SELECT row_key FROM standing WHERE table_name = 'customer' AND told IS NOT NULL"
            )
        )
    )
    lines = []
    for found in connection.execute(sa.text("SELECT * FROM customer ORDER BY id")).mappings():
        row = {**found, "group_id": None}
        if standing.as_it_is(table, row)["row_key"] in of_group:
            del row["group_id"]
        lines.append(standing.as_it_is(table, row))
    if lines:
        take_up(connection, lines)
