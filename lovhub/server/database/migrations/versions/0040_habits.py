"""What customers like at every PC: stars, volume, keyboard layout, language."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "customer_habits",
        sa.Column("customer_id", BIG, nullable=False, autoincrement=False),
        sa.Column("volume", BIG, nullable=True),
        sa.Column("layout", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name="fk_customer_habits_customer_id"
        ),
        sa.PrimaryKeyConstraint("customer_id", name="pk_customer_habits"),
        sa.CheckConstraint("volume IS NULL OR (volume >= 0 AND volume <= 100)", name="volume"),
    )
    op.create_table(
        "favourite_application",
        sa.Column("customer_id", BIG, nullable=False),
        sa.Column("application_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name="fk_favourite_application_customer_id"
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name="fk_favourite_application_application_id"
        ),
        sa.PrimaryKeyConstraint("customer_id", "application_id", name="pk_favourite_application"),
    )
    op.create_index(
        "ix_favourite_application_application_id", "favourite_application", ["application_id"]
    )
