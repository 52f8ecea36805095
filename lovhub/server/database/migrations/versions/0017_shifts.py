"""Shifts, and which of them a posting at the desk belongs to.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from lovhub.server.database.triggers import create_statements

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_NEW_ACCOUNTS = ("safe", "over_short", "goods_revenue")


def upgrade() -> None:
    """Add them. What was booked before belongs to no shift and has no receipt's number."""
    op.add_column(
        "club",
        sa.Column("sales_need_shift", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "club",
        sa.Column("given_minutes_per_shift", _BIG, nullable=False, server_default="120"),
    )
    op.create_table(
        "shift",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("club_id", _BIG, nullable=False),
        sa.Column("number", _BIG, nullable=False),
        sa.Column("opened_at", _BIG, nullable=False),
        sa.Column("opened_by", _BIG, nullable=False),
        sa.Column("float_tiyn", _BIG, nullable=False),
        sa.Column("float_expected_tiyn", _BIG, nullable=True),
        sa.Column("closed_at", _BIG, nullable=True),
        sa.Column("closed_by", _BIG, nullable=True),
        sa.Column("counted_tiyn", _BIG, nullable=True),
        sa.Column("expected_tiyn", _BIG, nullable=True),
        sa.Column("left_tiyn", _BIG, nullable=True),
        sa.Column("note", sa.String(), nullable=False, server_default=""),
        sa.Column("handed_to", _BIG, nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_shift_closed_by_somebody")
        ),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_shift_club_id"),
        sa.ForeignKeyConstraint(["opened_by"], ["staff.id"], name="fk_shift_opened_by"),
        sa.ForeignKeyConstraint(["closed_by"], ["staff.id"], name="fk_shift_closed_by"),
        sa.ForeignKeyConstraint(["handed_to"], ["staff.id"], name="fk_shift_handed_to"),
        sa.PrimaryKeyConstraint("id", name="pk_shift"),
        sa.UniqueConstraint("club_id", "number", name="uq_shift_club_id_number"),
    )
    op.create_index(
        "uq_shift_open",
        "shift",
        ["club_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_shift_person", "shift", ["opened_by", "id"])
    op.create_index("ix_shift_opened", "shift", ["club_id", "opened_at"])
    op.create_table(
        "desk",
        sa.Column("club_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("last_receipt", _BIG, nullable=False),
        sa.Column("open_shift_id", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_desk_club_id"),
        sa.ForeignKeyConstraint(["open_shift_id"], ["shift.id"], name="fk_desk_open_shift_id"),
        sa.PrimaryKeyConstraint("club_id", name="pk_desk"),
    )
    op.create_table(
        "desk_posting",
        sa.Column("posting_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("club_id", _BIG, nullable=False),
        sa.Column("shift_id", _BIG, nullable=True),
        sa.Column("receipt_number", _BIG, nullable=True),
        sa.CheckConstraint(
            "shift_id IS NOT NULL OR receipt_number IS NOT NULL",
            name=op.f("ck_desk_posting_says_something"),
        ),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["ledger_posting.id"], name="fk_desk_posting_posting_id"
        ),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_desk_posting_club_id"),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name="fk_desk_posting_shift_id"),
        sa.PrimaryKeyConstraint("posting_id", name="pk_desk_posting"),
        sa.UniqueConstraint(
            "club_id", "receipt_number", name="uq_desk_posting_club_id_receipt_number"
        ),
    )
    op.create_index("ix_desk_posting_shift", "desk_posting", ["shift_id"])
    for statement in create_statements(op.get_bind().dialect.name, ("desk_posting",)):
        op.execute(sa.DDL(statement.replace("%", "%%")))
    _furnish_clubs()


def _furnish_clubs() -> None:
    """Every club that is founded already gets its desk and the new accounts."""
    connection = op.get_bind()
    for (club_id,) in connection.execute(sa.text("SELECT id FROM club")).all():
        connection.execute(
            sa.text("INSERT INTO desk (club_id, last_receipt) VALUES (:club, 0)"), {"club": club_id}
        )
        for kind in _NEW_ACCOUNTS:
            account_id = connection.execute(
                sa.text(
                    "INSERT INTO ledger_account (club_id, kind, is_club, unit)"
                    " VALUES (:club, :kind, :is_club, 'tiyn') RETURNING id"
                ),
                {"club": club_id, "kind": kind, "is_club": True},
            ).scalar_one()
            connection.execute(
                sa.text("INSERT INTO account_balance (account_id, balance) VALUES (:account, 0)"),
                {"account": account_id},
            )
