"""Goods at the desk, and the receipt printer.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

from lovhub.server.database.triggers import create_statements

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them."""
    for name, value in (("printer_address", ""), ("printer_charset", "cp866")):
        op.add_column("club", sa.Column(name, sa.String(), nullable=False, server_default=value))
    op.add_column("club", sa.Column("printer_width", _BIG, nullable=False, server_default="48"))
    op.create_table(
        "good",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("club_id", _BIG, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("price_tiyn", _BIG, nullable=False),
        sa.Column("created_at", _BIG, nullable=False),
        sa.Column("retired_at", _BIG, nullable=True),
        sa.CheckConstraint("price_tiyn > 0", name=op.f("ck_good_price_positive")),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_good_club_id"),
        sa.PrimaryKeyConstraint("id", name="pk_good"),
    )
    op.create_index("ix_good_club_id", "good", ["club_id"])
    op.create_table(
        "good_sale",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("posting_id", _BIG, nullable=False),
        sa.Column("good_id", _BIG, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("price_tiyn", _BIG, nullable=False),
        sa.Column("quantity", _BIG, nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_good_sale_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["ledger_posting.id"], name="fk_good_sale_posting_id"
        ),
        sa.ForeignKeyConstraint(["good_id"], ["good.id"], name="fk_good_sale_good_id"),
        sa.PrimaryKeyConstraint("id", name="pk_good_sale"),
    )
    op.create_index("ix_good_sale_posting", "good_sale", ["posting_id"])
    for statement in create_statements(op.get_bind().dialect.name, ("good_sale",)):
        op.execute(sa.DDL(statement.replace("%", "%%")))
