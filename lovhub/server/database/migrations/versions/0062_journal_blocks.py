"""The log and the stories of payments are chained; what is there already is sealed after the next start."""

import sqlalchemy as sa
from alembic import op

from lovhub.server.database.triggers import create_statements

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "journal_block",
        sa.Column("journal", sa.String(), nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("last_id", BIG, nullable=False),
        sa.Column("sealed_at", BIG, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("journal", "number", name="pk_journal_block"),
    )
    for statement in create_statements(op.get_bind().dialect.name, ("journal_block",)):
        op.execute(sa.DDL(statement.replace("%", "%%")))
