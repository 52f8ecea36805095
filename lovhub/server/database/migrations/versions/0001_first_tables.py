"""The first tables."""

import sqlalchemy as sa
from alembic import op

from lovhub.server.database.migrations.first_tables import books, house, log, playing
from lovhub.server.database.triggers import create_statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for tables in (house, books, playing, log):
        tables.create()
    guarded = ("ledger_posting", "ledger_transfer", "event", "ledger_account")
    for statement in create_statements(op.get_bind().dialect.name, guarded):
        op.execute(sa.DDL(statement.replace("%", "%%")))
