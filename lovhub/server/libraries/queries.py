"""How PCs and the club's list stand when games are looked for."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lovhub.server.applications.models import Application
from lovhub.server.computers import queries as computers
from lovhub.server.computers.rules import natural_key
from lovhub.server.libraries.rules import Offered
from lovhub.server.pc.models import PcCommand


@dataclass(frozen=True)
class LinkedPc:
    """A PC that is on. `can_find`: it knows how to look for games."""

    computer_id: int
    name: str
    can_find: bool


def linked(
    db: Session, club_id: int, understood: Mapping[int, frozenset[str]]
) -> tuple[LinkedPc, ...]:
    """The PCs that are on, by name."""
    rows = computers.current(db, club_id, understood.keys())
    rows.sort(key=lambda row: natural_key(row.name))
    return tuple(LinkedPc(row.id, row.name, "find_games" in understood[row.id]) for row in rows)


def offered(db: Session, club_id: int) -> list[Offered]:
    """Every application of the club, put away or not."""
    rows = db.execute(
        select(
            Application.title,
            Application.exe_path,
            Application.other_paths,
            Application.retired_at,
        ).where(Application.club_id == club_id)
    )
    return [
        Offered(title, (exe_path, *other_paths), is_retired=retired_at is not None)
        for title, exe_path, other_paths, retired_at in rows
    ]


def search(db: Session, club_id: int, command_id: str) -> PcCommand | None:
    """The command by which games were looked for; None if there is no such."""
    return db.scalar(
        select(PcCommand).where(
            PcCommand.club_id == club_id,
            PcCommand.command_id == command_id,
            PcCommand.kind == "find_games",
        )
    )
