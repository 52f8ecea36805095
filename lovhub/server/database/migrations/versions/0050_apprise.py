"""A third way to reach the owner: any service that Apprise knows."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

WAYS = "way IN ('email', 'telegram', 'apprise')"


def upgrade() -> None:
    op.add_column(
        "notice_target",
        sa.Column("apprise", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    if op.get_bind().dialect.name == "sqlite":
        _into_a_new_table()
    else:
        op.drop_constraint(op.f("ck_notice_way"), "notice", type_="check")
        op.create_check_constraint(op.f("ck_notice_way"), "notice", WAYS)


def _into_a_new_table() -> None:
    """SQLite changes no check of a table that is there."""
    op.drop_index("ix_notice_state", "notice")
    op.rename_table("notice", "notice_before")
    op.create_table(
        "notice",
        sa.Column("id", BIG, nullable=False),
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("shift_id", BIG, nullable=True),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("due_at", BIG, nullable=False),
        sa.Column("attempts", BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ended_at", BIG, nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False, server_default="{}"),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'given_up')", name=op.f("ck_notice_state")
        ),
        sa.CheckConstraint(WAYS, name=op.f("ck_notice_way")),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_notice_club_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_notice_shift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.execute(
        "INSERT INTO notice (id, club_id, kind, way, shift_id, created_at, due_at, attempts, state,"
        " ended_at, problem, data) SELECT id, club_id, kind, way, shift_id, created_at, due_at,"
        " attempts, state, ended_at, problem, data FROM notice_before"
    )
    op.drop_table("notice_before")
    op.create_index("ix_notice_state", "notice", ["club_id", "state", "due_at"])
