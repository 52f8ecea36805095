"""What is told to the owner beside shifts: troubles, and the head of the books' chain."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for name in ("troubles", "daily_head"):
        op.add_column(
            "notice_target",
            sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true()),
        )
    op.add_column("notice", sa.Column("data", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "trouble",
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("since", BIG, nullable=False),
        sa.Column("gone_at", BIG, nullable=True),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_trouble_club_id")),
        sa.PrimaryKeyConstraint("club_id", "kind", name=op.f("pk_trouble")),
    )
