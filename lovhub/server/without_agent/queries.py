"""Reading which PCs are on without their agent, and by what PCs are recognised."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lovhub.protocol.upkeep_code import LATE_STEPS, STEP_SECONDS
from lovhub.server.club.models import Club
from lovhub.server.computers.models import Computer
from lovhub.server.database.prepared import Query
from lovhub.server.maintenance.models import MaintenanceCode
from lovhub.server.pc.models import PcHardware
from lovhub.server.remote import rules as remote_rules
from lovhub.server.without_agent.models import WithoutAgent
from lovhub.server.without_agent.rules import MOST_ADDRESSES, Cards, is_near


class Told(NamedTuple):
    """A PC that is written down as on, and until when it was seen so."""

    computer_id: int
    seen_at: int


def is_wanted(db: Session, club_id: int) -> bool:
    """Whether there is a club yet, and its owner wants to be told."""
    return bool(db.scalar(select(Club.tells_without_agent).where(Club.id == club_id)))


def going_on(db: Session, club_id: int) -> list[Told]:
    """Stretches that have not ended; one query."""
    rows = db.execute(
        select(WithoutAgent.computer_id, WithoutAgent.seen_at)
        .where(WithoutAgent.club_id == club_id, WithoutAgent.ended_at.is_(None))
        .order_by(WithoutAgent.computer_id)
    )
    return [Told(*row) for row in rows]


_UNENDED = Query(
    select(WithoutAgent.id, WithoutAgent.began_at).where(
        WithoutAgent.club_id == bindparam("club"), WithoutAgent.ended_at.is_(None)
    )
)


def unended(db: Session, club_id: int) -> dict[int, int]:
    """Stretches that have not ended, and when each began; one query."""
    return dict(_UNENDED.all(db, club=club_id))


def with_codes(db: Session, club_id: int, now: int) -> set[int]:
    """PCs that a technician may have opened by a code, without a link; one query."""
    valid_seconds = (LATE_STEPS + 1) * STEP_SECONDS
    return set(
        db.scalars(
            select(MaintenanceCode.computer_id).where(
                MaintenanceCode.club_id == club_id,
                MaintenanceCode.given_at + valid_seconds + MaintenanceCode.minutes * 60 > now,
            )
        )
    )


def ends(db: Session, stretch_ids: Collection[int]) -> Mapping[int, tuple[int, bool]]:
    """Of these stretches: until when the PC was seen, and whether that is over; one query."""
    if not stretch_ids:
        return {}
    rows = db.execute(
        select(WithoutAgent.id, WithoutAgent.seen_at, WithoutAgent.ended_at).where(
            WithoutAgent.id.in_(stretch_ids)
        )
    )
    return {
        stretch_id: (seen_at if ended_at is None else ended_at, ended_at is not None)
        for stretch_id, seen_at, ended_at in rows
    }


def cards(db: Session, club_id: int) -> dict[int, Cards]:
    """Of every PC of the club that has told of itself: its network cards and where it was; one query."""
    rows = db.execute(
        select(Computer.id, Computer.name, Computer.last_address, PcHardware.data)
        .join(PcHardware, PcHardware.computer_id == Computer.id)
        .where(Computer.club_id == club_id, Computer.revoked_at.is_(None))
    )
    found = {}
    for computer_id, name, last_address, data in rows:
        macs, addresses = remote_rules.cards(data, last_address)
        near = tuple(filter(is_near, addresses))[:MOST_ADDRESSES]
        # One that runs on the server itself is nobody's neighbour.
        found[computer_id] = Cards(
            frozenset(macs), () if last_address.startswith("127.") else near, name
        )
    return found
