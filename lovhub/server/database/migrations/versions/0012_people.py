"""One-time passwords, the second factor, and the journal of a person."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "staff",
        sa.Column("password_must_change", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("staff", sa.Column("totp_secret", sa.LargeBinary(), nullable=True))
    op.add_column("staff", sa.Column("totp_since", _BIG, nullable=True))
    op.add_column("staff", sa.Column("totp_last_step", _BIG, nullable=False, server_default="0"))
    op.add_column(
        "club", sa.Column("second_factor_roles", sa.String(), nullable=False, server_default="")
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("staff_id", _BIG, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_recovery_code_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_staff_id"), "recovery_code", ["staff_id"], unique=False)
    op.create_index("ix_event_actor", "event", ["actor_kind", "actor_id", "at", "id"], unique=False)
