"""Reading which PCs are open for their upkeep."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lovhub.protocol.maintenance import MaintenanceLease
from lovhub.protocol.views import MaintenanceView
from lovhub.server.database.prepared import Query
from lovhub.server.maintenance.models import Maintenance
from lovhub.server.staff.models import Staff


@dataclass(frozen=True)
class MaintenanceShown:
    """A PC that is open: by whom, why, from when, until when at the latest."""

    maintenance_id: int
    computer_id: int
    who: str
    reason: str
    begun_at: int
    until_at: int

    def view(self, now: int) -> MaintenanceView:
        """As the PC shows it."""
        return MaintenanceView(
            self.maintenance_id, self.who, self.reason, max(0, self.until_at - now)
        )

    def lease(self) -> MaintenanceLease:
        """What the PC is allowed, for signing."""
        return MaintenanceLease(
            maintenance_id=self.maintenance_id,
            computer_id=self.computer_id,
            issued_at=self.begun_at,
            not_after=self.until_at,
        )


_STATEMENT = (
    select(Maintenance, Staff.name)
    .join(Staff, Staff.id == Maintenance.begun_by)
    .where(
        Maintenance.club_id == bindparam("club"),
        Maintenance.ended_at.is_(None),
        Maintenance.until_at > bindparam("now"),
    )
    .order_by(Maintenance.computer_id)
)
_IN_FORCE = Query(_STATEMENT)
_IN_FORCE_AT = Query(_STATEMENT.where(Maintenance.computer_id == bindparam("computer")))


def in_force(
    db: Session, club_id: int, now: int, computer_id: int | None = None
) -> list[MaintenanceShown]:
    """Those that have not ended, of the whole club or of one PC: one query."""
    if computer_id is None:
        rows = _IN_FORCE.all(db, club=club_id, now=now)
    else:
        rows = _IN_FORCE_AT.all(db, club=club_id, now=now, computer=computer_id)
    return [
        MaintenanceShown(row.id, row.computer_id, name, row.reason, row.begun_at, row.until_at)
        for row, name in rows
    ]
