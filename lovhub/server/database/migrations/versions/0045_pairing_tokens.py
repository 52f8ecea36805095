"""Bulk tokens, with which many PCs are installed."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pairing_token",
        sa.Column("id", BIG, nullable=False),
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", BIG, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.Column("revoked_at", BIG, nullable=True),
        sa.Column("most_computers", BIG, nullable=False),
        sa.Column("used", BIG, nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_pairing_token_club_id"),
        sa.PrimaryKeyConstraint("id", name="pk_pairing_token"),
        sa.UniqueConstraint("token_hash", name="uq_pairing_token_token_hash"),
    )
    op.create_index("ix_pairing_token_club_id", "pairing_token", ["club_id"])
