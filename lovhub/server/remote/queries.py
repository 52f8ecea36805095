"""Reading how PCs stand before they are asked to do something."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from lovhub.server.applications.models import Application
from lovhub.server.computers.models import Computer
from lovhub.server.pc.models import PcCommand, PcHardware
from lovhub.server.sessions.models import IS_LIVE, PlaySession


def known(
    db: Session, club_id: int, computer_ids: Collection[int]
) -> dict[int, tuple[Computer, PcHardware | None]]:
    """Those of these PCs that are the club's, and what they are made of."""
    rows = db.execute(
        select(Computer, PcHardware)
        .outerjoin(PcHardware, PcHardware.computer_id == Computer.id)
        .where(
            Computer.club_id == club_id,
            Computer.id.in_(computer_ids),
            Computer.revoked_at.is_(None),
        )
    )
    return {computer.id: (computer, hardware) for computer, hardware in rows}


def playing(db: Session, club_id: int, computer_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """By PC, the session on it and its state."""
    rows = db.execute(
        select(PlaySession.computer_id, PlaySession.id, PlaySession.state).where(
            PlaySession.club_id == club_id,
            PlaySession.computer_id.in_(computer_ids),
            IS_LIVE,
        )
    )
    return {computer_id: (session_id, state) for computer_id, session_id, state in rows}


def addresses(db: Session, club_id: int, computer_ids: Collection[int]) -> dict[int, str]:
    """Where these PCs spoke from last."""
    rows = db.execute(
        select(Computer.id, Computer.last_address).where(
            Computer.club_id == club_id, Computer.id.in_(computer_ids)
        )
    )
    return dict(iter(rows))


def application_title(db: Session, club_id: int, application_id: int) -> str | None:
    """Of one that is offered; None if there is no such."""
    return db.scalar(
        select(Application.title).where(
            Application.id == application_id,
            Application.club_id == club_id,
            Application.retired_at.is_(None),
        )
    )


def commands(
    db: Session, club_id: int, command_ids: Collection[str]
) -> list[tuple[PcCommand, str]]:
    """These commands, each with its PC's name, in the order in which they were sent."""
    rows = db.execute(
        select(PcCommand, Computer.name)
        .join(Computer, Computer.id == PcCommand.computer_id)
        .where(PcCommand.club_id == club_id, PcCommand.command_id.in_(command_ids))
        .order_by(PcCommand.id)
    )
    return [(command, name) for command, name in rows]
