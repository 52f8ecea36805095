"""Fiscal documents: an outbox beside the ledger.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "fiscal_document",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("club_id", _BIG, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("posting_id", _BIG, nullable=False),
        sa.Column("original_key", sa.String(), nullable=False),
        sa.Column("receipt_number", _BIG, nullable=True),
        sa.Column("made_at", _BIG, nullable=False),
        sa.Column("total_tiyn", _BIG, nullable=False),
        sa.Column("cash_tiyn", _BIG, nullable=False),
        sa.Column("card_tiyn", _BIG, nullable=False),
        sa.Column("kaspi_tiyn", _BIG, nullable=False),
        sa.Column("vat_percent", _BIG, nullable=True),
        sa.Column("vat_tiyn", _BIG, nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", _BIG, nullable=False),
        sa.Column("next_try_at", _BIG, nullable=True),
        sa.Column("sent_at", _BIG, nullable=True),
        sa.Column("confirmed_at", _BIG, nullable=True),
        sa.Column("fiscal_number", sa.String(), nullable=False),
        sa.Column("check_url", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('sale', 'refund')", name=op.f("ck_fiscal_document_kind")),
        sa.CheckConstraint(
            "state IN ('queued', 'sent', 'confirmed', 'failed')",
            name=op.f("ck_fiscal_document_state"),
        ),
        sa.CheckConstraint("total_tiyn > 0", name=op.f("ck_fiscal_document_total_positive")),
        sa.CheckConstraint(
            "cash_tiyn + card_tiyn + kaspi_tiyn = total_tiyn",
            name=op.f("ck_fiscal_document_ways_add_up"),
        ),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name=op.f("fk_fiscal_document_club_id")),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["ledger_posting.id"], name=op.f("fk_fiscal_document_posting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fiscal_document")),
        sa.UniqueConstraint("club_id", "key", name=op.f("uq_fiscal_document_club_id_key")),
        sa.UniqueConstraint("posting_id", "kind", name=op.f("uq_fiscal_document_posting_id_kind")),
    )
    op.create_index(
        "ix_fiscal_document_open",
        "fiscal_document",
        ["club_id", "next_try_at"],
        sqlite_where=sa.text("state <> 'confirmed'"),
        postgresql_where=sa.text("state <> 'confirmed'"),
    )
    op.create_index("ix_fiscal_document_newest", "fiscal_document", ["club_id", "id"])
