"""Clubs of any size, each in a folder that a server can run on."""

from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import func, select

from bench import hall
from bench.filling import EMPTY, Samples, Scale, fill, with_launches
from lovhub.server.context import ClubContext
from lovhub.server.ledger.models import LedgerTransfer
from tests.support.staff import StaffMaker

TRANSFERS_PER_LAUNCH = 5
"""About as many transfers as launches, times this, gather in the same time."""


@dataclass(frozen=True)
class Filled:
    """A club with what has gathered in it; who asks must close its database."""

    folder: Path
    club: ClubContext
    scale: Scale
    samples: Samples
    transfers: int


def long_in_business(transfers: int) -> Scale:
    """Two hundred PCs, and about so many transfers: a year of them is five million."""
    return with_launches(transfers // TRANSFERS_PER_LAUNCH)


def full_hall(computers: int) -> Scale:
    """So many PCs, a sitting at each, and hardly anything before that."""
    return replace(
        EMPTY, computers=computers, customers=computers, sales=computers + 10, launches=computers,
        playing=computers, cashiers=2, tariffs=10, applications=20,
    )  # fmt: skip


def filled(folder: Path, scale: Scale, url: str | None = None) -> Filled:
    """Found a club in a fresh folder, and fill it; `url`: of a migrated database to use instead of a file."""
    club = hall.found_bare(folder, url)
    samples = fill(club, scale, staff_id=StaffMaker(club).make("owner", login="owner").id)
    with club.read() as db:
        transfers = db.scalars(select(func.count()).select_from(LedgerTransfer)).one()
    return Filled(folder, club, scale, samples, transfers)
