"""Who stood in the suspicious report how often is kept day by day."""

import sqlalchemy as sa
from alembic import op

from lovhub.server.database import row_seals

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "suspicious_day",
        sa.Column("club_id", number, nullable=False),
        sa.Column("day_at", number, nullable=False),
        sa.Column("sums", sa.LargeBinary(), nullable=False),
        sa.Column("row_seal", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_suspicious_day_club_id"),
        sa.PrimaryKeyConstraint("club_id", "day_at", name="pk_suspicious_day"),
    )
    columns = ("club_id", "day_at", "sums")
    dialect = op.get_context().dialect.name
    for statement in row_seals.create_statements(dialect, "suspicious_day", columns):
        op.execute(statement)
