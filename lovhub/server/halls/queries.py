"""Reading halls, zones and where the PCs stand."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lovhub.server.computers.models import Computer
from lovhub.server.computers.rules import standing
from lovhub.server.database.prepared import Query
from lovhub.server.halls.models import Hall, Zone
from lovhub.server.live import HallZone


@dataclass(frozen=True)
class Stand:
    """A PC and where it stands."""

    computer_id: int
    name: str
    number: int | None
    zone_id: int | None


@dataclass(frozen=True)
class ZoneShown:
    """A zone with its PCs, as they stand."""

    zone_id: int
    name: str
    computers: list[Stand]


@dataclass(frozen=True)
class HallShown:
    """A hall with its zones, in order."""

    hall_id: int
    name: str
    zones: list[ZoneShown]


@dataclass(frozen=True)
class Plan:
    """The whole club: halls in order, and the PCs that belong to no zone."""

    halls: list[HallShown]
    without_zone: list[Stand]


_HALLS = Query(
    select(Hall)
    .where(Hall.club_id == bindparam("club"), Hall.deleted_at.is_(None))
    .order_by(Hall.position, Hall.id)
)
_ZONES = Query(
    select(Zone)
    .join(Hall, Hall.id == Zone.hall_id)
    .where(Zone.club_id == bindparam("club"), Zone.deleted_at.is_(None))
    .order_by(Hall.position, Hall.id, Zone.position, Zone.id)
)


def halls(db: Session, club_id: int) -> list[Hall]:
    """The club's halls, in order."""
    return _HALLS.values(db, club=club_id)


def zones(db: Session, club_id: int) -> list[Zone]:
    """The club's zones, hall by hall, in order."""
    return _ZONES.values(db, club=club_id)


def live_zones(db: Session, club_id: int) -> list[HallZone]:
    """The zones as the live page shows them, in order."""
    names = {hall.id: hall.name for hall in halls(db, club_id)}
    return [
        HallZone(zone.id, zone.name, zone.hall_id, names[zone.hall_id])
        for zone in zones(db, club_id)
    ]


def stands(db: Session, club_id: int) -> list[Stand]:
    """Where each of the club's PCs stands, in the order of numbers and names."""
    rows = db.execute(
        select(Computer.id, Computer.name, Computer.number, Computer.zone_id).where(
            Computer.club_id == club_id, Computer.revoked_at.is_(None)
        )
    )
    found = [Stand(*row) for row in rows]
    return sorted(found, key=lambda stand: (standing(stand.number, stand.name), stand.computer_id))


def plan(db: Session, club_id: int) -> Plan:
    """Halls, zones and PCs: three queries, however many there are."""
    where: dict[int | None, list[Stand]] = {}
    for stand in stands(db, club_id):
        where.setdefault(stand.zone_id, []).append(stand)
    shown = [HallShown(hall.id, hall.name, []) for hall in halls(db, club_id)]
    by_id = {hall.hall_id: hall for hall in shown}
    for zone in zones(db, club_id):
        by_id[zone.hall_id].zones.append(ZoneShown(zone.id, zone.name, where.get(zone.id, [])))
    return Plan(shown, where.get(None, []))
