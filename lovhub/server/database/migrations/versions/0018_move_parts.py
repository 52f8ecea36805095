"""A large move comes in part by part."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "move_part",
        sa.Column("move_id", BIG, nullable=False, autoincrement=False),
        sa.Column("number", BIG, nullable=False, autoincrement=False),
        sa.Column("customers", BIG, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["move_id"], ["move.id"], name=op.f("fk_move_part_move_id")),
        sa.PrimaryKeyConstraint("move_id", "number", name=op.f("pk_move_part")),
    )
