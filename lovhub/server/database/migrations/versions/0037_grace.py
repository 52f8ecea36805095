"""How long games wait for a payment when the time is over, and which sitting goes on with which."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    big = BIG.compile(dialect=op.get_bind().dialect)
    op.add_column("club", sa.Column("grace_seconds", BIG, nullable=False, server_default="180"))
    # By hand: Alembic would want batch mode on SQLite.
    op.execute(
        f"ALTER TABLE play_session ADD COLUMN continues_id {big}"
        " CONSTRAINT fk_play_session_continues_id REFERENCES play_session (id)"
    )
