"""Halls, zones, the number and the zone of a PC; PCs that are broken or kept for somebody."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "hall",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("club_id", _BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", _BIG, nullable=False),
        sa.Column("created_at", _BIG, nullable=False),
        sa.Column("deleted_at", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_hall_club_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hall")),
    )
    op.create_index(op.f("ix_hall_club_id"), "hall", ["club_id"], unique=False)
    op.create_table(
        "zone",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("club_id", _BIG, nullable=False),
        sa.Column("hall_id", _BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", _BIG, nullable=False),
        sa.Column("created_at", _BIG, nullable=False),
        sa.Column("deleted_at", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_zone_club_id")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_zone_hall_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone")),
    )
    op.create_index(op.f("ix_zone_club_id"), "zone", ["club_id"], unique=False)
    op.create_index(op.f("ix_zone_hall_id"), "zone", ["hall_id"], unique=False)
    # Alembic adds no column with a foreign key to a table of SQLite, which itself can.
    big = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE computer ADD COLUMN zone_id {big} CONSTRAINT fk_computer_zone_id REFERENCES zone (id)"
    )
    op.add_column("computer", sa.Column("number", _BIG, nullable=True))
    op.create_index(op.f("ix_computer_zone_id"), "computer", ["zone_id"], unique=False)
    op.create_index(
        "uq_computer_number",
        "computer",
        ["club_id", "number"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "computer_condition",
        sa.Column("computer_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("club_id", _BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("customer_id", _BIG, nullable=True),
        sa.Column("since_at", _BIG, nullable=False),
        sa.Column("until_at", _BIG, nullable=True),
        sa.CheckConstraint("kind IN ('broken', 'kept')", name=op.f("ck_computer_condition_kind")),
        sa.CheckConstraint(
            "(kind = 'kept') = (until_at IS NOT NULL)", name=op.f("ck_computer_condition_until")
        ),
        sa.ForeignKeyConstraint(
            ["computer_id"], ["computer.id"], name=op.f("fk_computer_condition_computer_id")
        ),
        sa.ForeignKeyConstraint(
            ["club_id"], ["club.id"], name=op.f("fk_computer_condition_club_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_computer_condition_customer_id")
        ),
        sa.PrimaryKeyConstraint("computer_id", name=op.f("pk_computer_condition")),
    )
    op.create_index(
        op.f("ix_computer_condition_club_id"), "computer_condition", ["club_id"], unique=False
    )
