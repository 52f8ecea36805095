"""Pictures of applications, and the zones in which an application is offered."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "application", sa.Column("picture", sa.String(), nullable=False, server_default="")
    )
    op.create_table(
        "application_picture",
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["club_id"], ["club.id"], name=op.f("fk_application_picture_club_id")
        ),
        sa.PrimaryKeyConstraint("club_id", "digest", name=op.f("pk_application_picture")),
    )
    op.create_table(
        "application_zone",
        sa.Column("application_id", BIG, nullable=False),
        sa.Column("zone_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_application_zone_application_id"),
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_application_zone_zone_id")),
        sa.PrimaryKeyConstraint("application_id", "zone_id", name=op.f("pk_application_zone")),
    )
    op.create_index(
        op.f("ix_application_zone_zone_id"), "application_zone", ["zone_id"], unique=False
    )
