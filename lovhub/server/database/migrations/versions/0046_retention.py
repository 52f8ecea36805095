"""How long logs are kept, and the only events that may go."""

import sqlalchemy as sa
from alembic import op

from lovhub.server.database.triggers import only_these_events_go

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

DAYS = {"keep_launches_days": 365, "keep_sign_ins_days": 180, "keep_messages_days": 365}

GO = (
    "customer.signed_in", "staff.signed_in", "staff.signed_out", "staff.signed_in_at_pc", "staff.sign_in_failed",
    "staff.second_factor_failed", "call.made", "call.repeated", "call.taken", "call.closed",
    "command.sent", "command.done", "command.failed", "command.expired",
)  # fmt: skip


def upgrade() -> None:
    for name, days in DAYS.items():
        op.add_column("club", sa.Column(name, BIG, nullable=False, server_default=str(days)))
    op.add_column("club", sa.Column("logs_pruned_at", BIG, nullable=True))
    for statement in only_these_events_go(op.get_bind().dialect.name, GO):
        op.execute(statement)
