"""Reading how the PCs stand to the new version."""

from typing import NamedTuple, cast

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from lovhub.server.computers.models import Computer
from lovhub.server.computers.rules import standing
from lovhub.server.database.prepared import Query
from lovhub.server.updates.models import ComputerUpdate, UpdatePlan
from lovhub.server.updates.rules import State


class Known(NamedTuple):
    """A PC of the club, and what is known of it and the version asked about."""

    computer_id: int
    name: str
    version: str
    state: State
    why: str
    changed_at: int


def held(db: Session, club_id: int) -> UpdatePlan | None:
    """The plan if PCs are to wait, and why; None if they are offered the version."""
    plan = db.get(UpdatePlan, club_id)
    return plan if plan is not None and plan.held else None


_KNOWN = Query(
    select(
        Computer.id,
        Computer.number,
        Computer.name,
        Computer.agent_version,
        ComputerUpdate.state,
        ComputerUpdate.why,
        ComputerUpdate.changed_at,
    )
    .outerjoin(
        ComputerUpdate,
        and_(
            ComputerUpdate.computer_id == Computer.id,
            ComputerUpdate.version == bindparam("version"),
        ),
    )
    .where(Computer.club_id == bindparam("club"), Computer.revoked_at.is_(None))
)


def known(db: Session, club_id: int, version: str) -> list[Known]:
    """The club's PCs as people know them, by number and name; what was said of another version counts no more."""
    rows = _KNOWN.all(db, club=club_id, version=version)
    rows = sorted(rows, key=lambda row: (standing(row[1], row[2]), row[0]))
    return [
        Known(computer_id, name, has, cast("State", state or ""), why or "", changed_at or 0)
        for computer_id, _number, name, has, state, why, changed_at in rows
    ]
