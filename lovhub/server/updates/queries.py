"""Reading how the PCs stand to the new version."""

from dataclasses import dataclass
from typing import cast

from sqlalchemy import select
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
        select(Computer, ComputerUpdate)
        .outerjoin(ComputerUpdate, ComputerUpdate.computer_id == Computer.id)
        .where(Computer.club_id == club_id, Computer.revoked_at.is_(None))
    ).all()
    rows = sorted(rows, key=lambda row: (standing(row[0].number, row[0].name), row[0].id))
    return [
        Known(
            computer_id=computer.id,
            name=computer.name,
            version=computer.agent_version,
            state=cast("State", update.state) if _counts(update, version) else "",
            why=update.why if _counts(update, version) else "",
            changed_at=update.changed_at if _counts(update, version) else 0,
        )
        for computer, update in rows
    ]


def _counts(update: ComputerUpdate | None, version: str) -> bool:
    return update is not None and update.version == version
