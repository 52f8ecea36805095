"""When, where and for how much tariffs are sold; sold time keeps its own terms.

What is on sale and what was sold stays as it is: packages, sold always and everywhere, whose rest is kept.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for column in (
        sa.Column("kind", sa.String(), nullable=False, server_default="package"),
        sa.Column("weekdays", BIG, nullable=False, server_default="127"),
        sa.Column("sold_from", BIG, nullable=True),
        sa.Column("sold_until", BIG, nullable=True),
        sa.Column("holiday_rule", sa.String(), nullable=False, server_default="as_weekday"),
        sa.Column("sold_elsewhere", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("price_rule", sa.String(), nullable=False, server_default="whole"),
        sa.Column("minimum_tiyn", BIG, nullable=False, server_default="0"),
        sa.Column("valid_days", BIG, nullable=True),
        sa.Column("rest_rule", sa.String(), nullable=False, server_default="kept"),
        sa.Column("pause_allowed", sa.Boolean(), nullable=False, server_default=sa.true()),
    ):
        op.add_column("tariff", column)
    op.create_table(
        "tariff_zone",
        sa.Column("tariff_id", BIG, nullable=False),
        sa.Column("zone_id", BIG, nullable=False),
        sa.Column("sold", sa.Boolean(), nullable=False),
        sa.Column("price_tiyn", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["tariff_id"], ["tariff.id"], name=op.f("fk_tariff_zone_tariff_id")
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_tariff_zone_zone_id")),
        sa.PrimaryKeyConstraint("tariff_id", "zone_id", name=op.f("pk_tariff_zone")),
    )
    op.create_index(op.f("ix_tariff_zone_zone_id"), "tariff_zone", ["zone_id"], unique=False)
    op.create_table(
        "holiday",
        sa.Column("club_id", BIG, nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_holiday_club_id")),
        sa.PrimaryKeyConstraint("club_id", "day", name=op.f("pk_holiday")),
    )
    for column in (
        sa.Column("kind", sa.String(), nullable=False, server_default="package"),
        sa.Column("rest_rule", sa.String(), nullable=False, server_default="kept"),
        sa.Column("pause_allowed", sa.Boolean(), nullable=False, server_default=sa.true()),
    ):
        op.add_column("lot", column)
    op.create_index(
        "ix_lot_expiring",
        "lot",
        ["club_id", "expires_at"],
        sqlite_where=sa.text("exhausted = 0 AND expires_at IS NOT NULL"),
        postgresql_where=sa.text("NOT exhausted AND expires_at IS NOT NULL"),
    )
