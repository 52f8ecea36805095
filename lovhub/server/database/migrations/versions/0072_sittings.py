"""How the sittings of before were, is told beside the log: what happens to their rows past the program is found."""

import sqlalchemy as sa
from alembic import op

from lovhub.server.journal.taking_up import tell
from lovhub.server.ledger import sittings

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


VOUCHED_FOR = """
SELECT id, club_id, computer_id, zone_id, customer_id, guest_name, started_at, continues_id, state, ended_at,
  end_reason, pause_reason, CAST(zone_bound AS INTEGER), night_leave, leased_seconds, lease_serial, lease_issued_at,
  lease_not_after, due_at, unreachable_since_at, settled_at - played_seconds
FROM play_session ORDER BY id
"""
FETCHED = 5000


def upgrade() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.text(VOUCHED_FOR), execution_options={"yield_per": FETCHED})
    as_they_are = sittings.as_rows_are(rows)
    count = connection.scalar(sa.text("SELECT count(*) FROM play_session")) or 0
    if as_they_are is not None:
        tell(connection, {sittings.SITTINGS: as_they_are}, rows=count)
