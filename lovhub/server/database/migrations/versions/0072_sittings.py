"""How the sittings of before were, is told beside the log: what happens to their rows past the program is found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from lovhub.server.journal.taking_up import tell
from lovhub.server.ledger import sittings

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    with Session(connection) as db:
        as_they_are = sittings.as_they_are(db)
        count = db.scalar(sa.text("SELECT count(*) FROM play_session")) or 0
    if as_they_are is not None:
        tell(connection, {sittings.SITTINGS: as_they_are}, rows=count)
