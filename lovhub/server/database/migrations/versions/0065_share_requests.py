"""Clubs ask another club's owner for its customers."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "share_request",
        sa.Column("id", BIG, nullable=False),
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("of_club_id", BIG, nullable=False),
        sa.Column("asked_by", BIG, nullable=False),
        sa.Column("asked_at", BIG, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answered_by", BIG, nullable=True),
        sa.Column("answered_at", BIG, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'granted', 'refused', 'withdrawn')",
            name=op.f("ck_share_request_state"),
        ),
        sa.CheckConstraint("club_id <> of_club_id", name=op.f("ck_share_request_another_club")),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_share_request_club_id")),
        sa.ForeignKeyConstraint(
            ["of_club_id"], ["club.id"], name=op.f("fk_share_request_of_club_id")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_share_request_asked_by")),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["staff.id"], name=op.f("fk_share_request_answered_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_request")),
    )
    for column in ("club_id", "of_club_id"):
        op.create_index(op.f(f"ix_share_request_{column}"), "share_request", [column])
