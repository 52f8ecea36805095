"""Customer groups with discounts, bonuses, and promo codes.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

from lovhub.server.database.triggers import create_statements

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_NEW_ACCOUNTS = ("bonus_given", "bonus_used", "discount_given", "discount_used")


def upgrade() -> None:
    """Add them. Nobody is in a group, and nothing was sold with a discount."""
    _groups()
    _bonuses()
    _promos()
    _columns()
    for statement in create_statements(op.get_bind().dialect.name, ("promo_use",)):
        op.execute(sa.DDL(statement.replace("%", "%%")))
    _open_accounts()


def _groups() -> None:
    op.create_table(
        "customer_group",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("club_id", _BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("discount_percent", _BIG, nullable=False),
        sa.Column("created_at", _BIG, nullable=False),
        sa.Column("deleted_at", _BIG, nullable=True),
        sa.CheckConstraint(
            "discount_percent BETWEEN 0 AND 100", name=op.f("ck_customer_group_percent")
        ),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_customer_group_club_id"),
        sa.PrimaryKeyConstraint("id", name="pk_customer_group"),
    )
    op.create_index(
        "uq_customer_group_name",
        "customer_group",
        ["club_id", "name_key"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "tariff_group",
        sa.Column("tariff_id", _BIG, nullable=False),
        sa.Column("group_id", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["tariff_id"], ["tariff.id"], name="fk_tariff_group_tariff_id"),
        sa.ForeignKeyConstraint(
            ["group_id"], ["customer_group.id"], name="fk_tariff_group_group_id"
        ),
        sa.PrimaryKeyConstraint("tariff_id", "group_id", name="pk_tariff_group"),
    )
    op.create_index("ix_tariff_group_group_id", "tariff_group", ["group_id"])


def _bonuses() -> None:
    op.create_table(
        "bonus_rules",
        sa.Column("club_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("share_percent", _BIG, nullable=False),
        sa.Column("per_shift_tiyn", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_bonus_rules_club_id"),
        sa.PrimaryKeyConstraint("club_id", name="pk_bonus_rules"),
    )
    op.create_table(
        "bonus_step",
        sa.Column("club_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("from_tiyn", _BIG, autoincrement=False, nullable=False),
        sa.Column("percent", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_bonus_step_club_id"),
        sa.PrimaryKeyConstraint("club_id", "from_tiyn", name="pk_bonus_step"),
    )


def _promos() -> None:
    op.create_table(
        "promo",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("club_id", _BIG, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_tiyn", _BIG, nullable=False),
        sa.Column("seconds", _BIG, nullable=False),
        sa.Column("from_at", _BIG, nullable=False),
        sa.Column("until_at", _BIG, nullable=True),
        sa.Column("uses", _BIG, nullable=False),
        sa.Column("created_at", _BIG, nullable=False),
        sa.Column("stopped_at", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_promo_club_id"),
        sa.PrimaryKeyConstraint("id", name="pk_promo"),
    )
    op.create_index("ix_promo_club_id", "promo", ["club_id"])
    op.create_table(
        "promo_code",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("club_id", _BIG, nullable=False),
        sa.Column("promo_id", _BIG, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("code_key", sa.String(), nullable=False),
        sa.Column("used", _BIG, nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_promo_code_used_not_negative")),
        sa.ForeignKeyConstraint(["club_id"], ["club.id"], name="fk_promo_code_club_id"),
        sa.ForeignKeyConstraint(["promo_id"], ["promo.id"], name="fk_promo_code_promo_id"),
        sa.PrimaryKeyConstraint("id", name="pk_promo_code"),
        sa.UniqueConstraint("club_id", "code_key", name="uq_promo_code_club_id_code_key"),
    )
    op.create_index("ix_promo_code_promo_id", "promo_code", ["promo_id"])
    op.create_table(
        "promo_use",
        sa.Column("promo_id", _BIG, nullable=False),
        sa.Column("customer_id", _BIG, nullable=False),
        sa.Column("code_id", _BIG, nullable=False),
        sa.Column("posting_id", _BIG, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["promo_id"], ["promo.id"], name="fk_promo_use_promo_id"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_promo_use_customer_id"),
        sa.ForeignKeyConstraint(["code_id"], ["promo_code.id"], name="fk_promo_use_code_id"),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["ledger_posting.id"], name="fk_promo_use_posting_id"
        ),
        sa.PrimaryKeyConstraint("promo_id", "customer_id", name="pk_promo_use"),
        sa.UniqueConstraint("posting_id", name="uq_promo_use_posting_id"),
    )
    op.create_index("ix_promo_use_customer_id", "promo_use", ["customer_id"])


def _columns() -> None:
    big = _BIG.compile(dialect=op.get_bind().dialect)
    for table, column, target in (
        ("customer", "group_id", "customer_group"),
        ("customer", "bonus_account_id", "ledger_account"),
        ("lot", "bonus_account_id", "ledger_account"),
        ("lot", "discount_account_id", "ledger_account"),
    ):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} {big}"
            f" CONSTRAINT fk_{table}_{column} REFERENCES {target} (id)"
        )
    for table, column in (
        ("lot", "bonus_tiyn"),
        ("lot", "discount_tiyn"),
        ("payment_refund", "bonus_tiyn"),
    ):
        op.add_column(table, sa.Column(column, _BIG, nullable=False, server_default="0"))
    op.create_index("ix_customer_group", "customer", ["group_id"])


def _open_accounts() -> None:
    """Every club that is founded already gets the new accounts."""
    connection = op.get_bind()
    for (club_id,) in connection.execute(sa.text("SELECT id FROM club")).all():
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
