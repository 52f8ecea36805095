"""The first evening: what a new club still lacks before the first player sits down."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from lovhub.server.applications.models import Application
from lovhub.server.backups.keeper import Keeper
from lovhub.server.club.models import Club
from lovhub.server.computers.models import Computer
from lovhub.server.customers.belonging import whose
from lovhub.server.customers.models import Customer
from lovhub.server.halls.models import Zone
from lovhub.server.sessions.models import PlaySession
from lovhub.server.staff.models import Staff
from lovhub.server.tariffs.models import Tariff


@dataclass(frozen=True)
class Step:
    """One thing to do. `code` names it for the texts; `endpoint` is where it is done."""

    code: str
    endpoint: str
    done: bool


def steps(db: Session, club: Club, keeper: Keeper) -> list[Step]:
    """All steps with their state: one statement, and a look into the backups' folder."""
    here = select(
        *(
            exists().where(*conditions).label(code)
            for code, conditions in _conditions(club.id).items()
        )
    )
    state = dict(db.execute(here).mappings().one())
    of_files: dict[str, Callable[[], bool]] = {
        "backup": keeper.has_sound_backup,
        "passphrase": keeper.has_passphrase,
        "second_folder": lambda: bool(club.second_backup_folder),
    }
    return [
        Step(code, endpoint, bool(state[code]) if code in state else of_files[code]())
        for code, endpoint in PLACES.items()
    ]


PLACES = {
    "halls": "halls.index",
    "tariffs": "tariffs.index",
    "applications": "applications.index",
    "computers": "computers.index",
    "staff": "people.index",
    "customers": "customers.register",
    "played": "computers.index",
    "backup": "backups.index",
    "passphrase": "backups.index",
    "second_folder": "club.settings",
}
"""Step → where it is done, in the order of the evening."""


def _conditions(club_id: int) -> dict[str, tuple[ColumnElement[bool], ...]]:
    return {
        "halls": (Zone.club_id == club_id, Zone.deleted_at.is_(None)),
        "tariffs": (Tariff.club_id == club_id, Tariff.retired_at.is_(None)),
        "applications": (Application.club_id == club_id, Application.retired_at.is_(None)),
        "computers": (Computer.club_id == club_id, Computer.revoked_at.is_(None)),
        "staff": (Staff.club_id == club_id, Staff.role != "owner", Staff.disabled_at.is_(None)),
        "customers": (Customer.club_id == whose(club_id), Customer.deleted_at.is_(None)),
        "played": (PlaySession.club_id == club_id,),
    }


def open_steps(db: Session, club: Club, keeper: Keeper) -> list[Step]:
    """The steps as the dashboard shows them: none once all are done, or the list was put away."""
    if club.checklist_closed_at is not None:
        return []
    found = steps(db, club, keeper)
    return [] if all(step.done for step in found) else found
