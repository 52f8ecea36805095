"""Where the suspicious report has to look, kept as time goes on."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "suspicious_lead",
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("ref_id", BIG, nullable=False),
        sa.CheckConstraint(
            "kind IN ('again', 'unproven')", name=op.f("ck_suspicious_lead_kind_known")
        ),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_suspicious_lead_club_id"),
        sa.PrimaryKeyConstraint("club_id", "kind", "at", "ref_id", name="pk_suspicious_lead"),
    )
    op.create_table(
        "suspicious_lead_until",
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("until_at", BIG, nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_suspicious_lead_until_club_id"),
        sa.PrimaryKeyConstraint("club_id", name="pk_suspicious_lead_until"),
    )
