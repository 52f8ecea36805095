"""Reading how the PCs stand to the new version."""

from dataclasses import dataclass
from typing import cast

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from lovhub.server.computers.models import Computer
from lovhub.server.computers.rules import standing
from lovhub.server.updates.models import ComputerUpdate, UpdatePlan
from lovhub.server.updates.rules import State


@dataclass(frozen=True)
class Known:
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


def known(db: Session, club_id: int, version: str) -> list[Known]:
    """The club's PCs as people know them, by number and name; what was said of another version counts no more."""
    rows = db.execute(
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
            and_(ComputerUpdate.computer_id == Computer.id, ComputerUpdate.version == version),
        )
        .where(Computer.club_id == club_id, Computer.revoked_at.is_(None))
    ).all()
    rows = sorted(rows, key=lambda row: (standing(row[1], row[2]), row[0]))
    return [
        Known(computer_id, name, has, cast("State", state or ""), why or "", changed_at or 0)
        for computer_id, _number, name, has, state, why, changed_at in rows
    ]
