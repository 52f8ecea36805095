"""Playing by the minute: the prices of a sitting as they were when it began, and what it has used."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "meter",
        sa.Column("session_id", BIG, nullable=False),
        sa.Column("lot_id", BIG, nullable=False),
        sa.Column("minimum_tiyn", BIG, nullable=False),
        sa.Column("stretches", sa.JSON(), nullable=False),
        sa.Column("used", BIG, nullable=False),
        sa.Column("carried", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["play_session.id"], name=op.f("fk_meter_session_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_meter_lot_id")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_meter")),
        sa.UniqueConstraint("lot_id", name=op.f("uq_meter_lot_id")),
    )
