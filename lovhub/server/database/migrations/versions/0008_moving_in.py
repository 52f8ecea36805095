"""Customers come from other systems: the moves, who came with them, and the account of what they had."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "move",
        sa.Column("id", BIG, nullable=False),
        sa.Column("club_id", BIG, sa.ForeignKey("club.id", name="fk_move_club_id"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("has_headings", sa.Boolean(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("imported_at", BIG),
        sa.Column("taken_back_at", BIG),
        sa.Column("customers", BIG, nullable=False),
        sa.Column("left_out", BIG, nullable=False),
        sa.Column("balance_tiyn", BIG, nullable=False),
        sa.Column("seconds", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_move"),
        sa.CheckConstraint("state IN ('draft', 'imported', 'taken_back')", name="state"),
    )
    op.create_index("ix_move_club", "move", ["club_id", "id"])
    op.create_table(
        "moved_customer",
        sa.Column(
            "customer_id",
            BIG,
            sa.ForeignKey("customer.id", name="fk_moved_customer_customer_id"),
            nullable=False,
            autoincrement=False,
        ),
        sa.Column(
            "move_id",
            BIG,
            sa.ForeignKey("move.id", name="fk_moved_customer_move_id"),
            nullable=False,
        ),
        sa.Column("line", BIG, nullable=False),
        sa.Column("balance_tiyn", BIG, nullable=False),
        sa.Column("seconds", BIG, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name="pk_moved_customer"),
    )
    op.create_index("ix_moved_customer_move", "moved_customer", ["move_id"])
    _open_accounts()


def _open_accounts() -> None:
    """Every club that is founded already gets the new account."""
    connection = op.get_bind()
    for (club_id,) in connection.execute(sa.text("SELECT id FROM club")).all():
        account_id = connection.execute(
            sa.text(
                "INSERT INTO ledger_account (club_id, kind, is_club, unit)"
                " VALUES (:club, 'opening_balance', :is_club, 'tiyn') RETURNING id"
            ),
            {"club": club_id, "is_club": True},
        ).scalar_one()
        connection.execute(
            sa.text("INSERT INTO account_balance (account_id, balance) VALUES (:account, 0)"),
            {"account": account_id},
        )
