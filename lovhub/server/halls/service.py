"""Making, naming, ordering and deleting halls and zones, and placing PCs in them."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.bus import HallsChanged
from lovhub.server.computers.models import Computer
from lovhub.server.computers.service import clean_name, lock_computers
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.halls import queries, rules
from lovhub.server.halls.models import Hall, Zone
from lovhub.server.journal import service as journal

_LONGEST_TYPED = 1000


def create_hall(club: ClubContext, *, name: str, zones: Sequence[str], actor: Actor) -> int:
    """Add a hall, last in order, with these zones at once; returns its id.

    Raises OperationRefused: `name_missing`, `hall_name_too_long`, `name_taken`; `zone_names_wrong` for zones
    that are named alike or too long.
    """
    with club.write() as work:
        beside = queries.halls(work.db, work.club_id)
        hall = Hall(
            club_id=work.club_id,
            name=_checked(name, [other.name for other in beside]),
            position=_after(beside),
            created_at=work.now,
        )
        work.db.add(hall)
        work.db.flush()
        journal.record(work, "hall.created", actor, hall_id=hall.id, title=hall.name)
        try:
            for zone_name in zones:
                _add_zone(work, hall, zone_name, actor)
        except OperationRefused as refusal:
            raise OperationRefused("zone_names_wrong") from refusal
        work.tell(HallsChanged())
        return hall.id


def rename_hall(club: ClubContext, *, hall_id: int, name: str, actor: Actor) -> None:
    """Give the hall another name. Raises OperationRefused: `hall_unknown`, and as `create_hall`."""
    with club.write() as work:
        hall = _hall(work, hall_id)
        name = _checked(
            name,
            [other.name for other in queries.halls(work.db, work.club_id) if other.id != hall_id],
        )
        if name != hall.name:
            journal.record(
                work, "hall.renamed", actor, hall_id=hall_id, title=name, old_name=hall.name
            )
            hall.name = name
            work.tell(HallsChanged())


def move_hall(club: ClubContext, *, hall_id: int, places: int, actor: Actor) -> None:
    """Show the hall so many places later (earlier, if negative). Raises OperationRefused("hall_unknown")."""
    with club.write() as work:
        hall = _hall(work, hall_id)
        _reorder(work, queries.halls(work.db, work.club_id), hall, places)
        journal.record(work, "hall.moved", actor, hall_id=hall_id, title=hall.name)


def delete_hall(
    club: ClubContext, *, hall_id: int, zones_to_hall_id: int | None, actor: Actor
) -> None:
    """Take the hall away; its zones go to another one.

    Raises OperationRefused: `hall_unknown`; `hall_has_zones` if there are some and no other hall is named.
    """
    with club.write() as work:
        hall = _hall(work, hall_id)
        orphans = _zones(work, hall_id)
        if orphans:
            if zones_to_hall_id is None or zones_to_hall_id == hall_id:
                raise OperationRefused("hall_has_zones")
            goal = _hall(work, zones_to_hall_id)
            for zone in orphans:
                _into_hall(work, zone, goal)
        hall.deleted_at = work.now
        journal.record(work, "hall.deleted", actor, hall_id=hall_id, title=hall.name)
        work.tell(HallsChanged())


def create_zone(club: ClubContext, *, hall_id: int, name: str, actor: Actor) -> int:
    """Add a zone, last in its hall; returns its id. Raises OperationRefused as `create_hall`."""
    with club.write() as work:
        zone = _add_zone(work, _hall(work, hall_id), name, actor)
        work.tell(HallsChanged())
        return zone.id


def change_zone(club: ClubContext, *, zone_id: int, name: str, hall_id: int, actor: Actor) -> None:
    """Give the zone a name and a hall. Raises OperationRefused: `zone_unknown`, and as `create_hall`."""
    with club.write() as work:
        zone, hall = _zone(work, zone_id), _hall(work, hall_id)
        beside = [other.name for other in _zones(work, hall_id) if other.id != zone_id]
        old_name, old_hall_id = zone.name, zone.hall_id
        zone.name = _checked(name, beside)
        if hall_id != old_hall_id:
            _into_hall(work, zone, hall)
        if (zone.name, hall_id) != (old_name, old_hall_id):
            journal.record(
                work, "zone.changed", actor,
                zone_id=zone_id, title=zone.name, old_name=old_name, hall=hall.name,
            )  # fmt: skip
            work.tell(HallsChanged())


def move_zone(club: ClubContext, *, zone_id: int, places: int, actor: Actor) -> None:
    """Show the zone so many places later (earlier, if negative) in its hall."""
    with club.write() as work:
        zone = _zone(work, zone_id)
        _reorder(work, _zones(work, zone.hall_id), zone, places)
        journal.record(work, "zone.moved", actor, zone_id=zone_id, title=zone.name)


def delete_zone(
    club: ClubContext,
    *,
    zone_id: int,
    to_zone_id: int | None,
    leave_without_zone: bool = False,
    actor: Actor,
) -> None:
    """Take the zone away; its PCs go to another zone, or to none if that is said.

    Raises OperationRefused: `zone_unknown`; `zone_has_computers` if there are some and nothing is said of them.
    """
    with club.write() as work:
        zone = _zone(work, zone_id)
        goal = None if to_zone_id is None or to_zone_id == zone_id else _zone(work, to_zone_id)
        inside = list(
            work.db.scalars(
                select(Computer)
                .where(Computer.zone_id == zone_id, Computer.revoked_at.is_(None))
                .order_by(Computer.id)
            )
        )
        if inside and goal is None and not leave_without_zone:
            raise OperationRefused("zone_has_computers")
        _place(work, inside, goal, actor)
        zone.deleted_at = work.now
        journal.record(work, "zone.deleted", actor, zone_id=zone_id, title=zone.name)
        work.tell(HallsChanged())


def place(
    club: ClubContext, *, computer_ids: Collection[int], zone_id: int | None, actor: Actor
) -> None:
    """Put PCs into a zone, or into none.

    Raises OperationRefused: `no_computers_chosen`, `computer_unknown`, `zone_unknown`.
    """
    with club.write() as work:
        goal = None if zone_id is None else _zone(work, zone_id)
        _place(work, lock_computers(work, computer_ids), goal, actor)
        work.tell(HallsChanged())


def number(
    club: ClubContext, *, computer_ids: Collection[int], first: int | None, actor: Actor
) -> None:
    """Number PCs from `first` in the order they stand; None takes their numbers away.

    Raises OperationRefused: `no_computers_chosen`, `computer_unknown`, `computer_number_out_of_range`;
    `number_taken` if a PC that is not among them has one of the numbers.
    """
    with club.write() as work:
        computers = lock_computers(work, computer_ids)
        new: dict[int, int] = {}
        if first is not None:
            problem = rules.numbers_problem(len(computers), first)
            if problem:
                raise OperationRefused(problem)
            new = rules.numbers([(one.id, one.number, one.name) for one in computers], first)
            taken = work.db.scalars(
                select(Computer.number)
                .where(
                    Computer.club_id == work.club_id,
                    Computer.revoked_at.is_(None),
                    Computer.number.in_(new.values()),
                    Computer.id.not_in(new),
                )
                .order_by(Computer.number)
            ).first()
            if taken is not None:
                raise OperationRefused("number_taken", number=taken)
        changing = [one for one in computers if one.number != new.get(one.id)]
        for computer in changing:  # numbers that are passed round are never two PCs' at once
            computer.number = None
        work.db.flush()
        for computer in changing:
            computer.number = new.get(computer.id)
            journal.record(
                work, "computer.numbered", actor, computer_id=computer.id, number=computer.number
            )
        work.tell(HallsChanged())


def _checked(name: str, taken: Sequence[str]) -> str:
    name = clean_name(name, _LONGEST_TYPED)
    problem = rules.name_problem(name, taken)
    if problem:
        raise OperationRefused(problem)
    return name


def _add_zone(work: Work, hall: Hall, name: str, actor: Actor) -> Zone:
    beside = _zones(work, hall.id)
    zone = Zone(
        club_id=work.club_id,
        hall_id=hall.id,
        name=_checked(name, [other.name for other in beside]),
        position=_after(beside),
        created_at=work.now,
    )
    work.db.add(zone)
    work.db.flush()
    journal.record(work, "zone.created", actor, zone_id=zone.id, title=zone.name, hall=hall.name)
    return zone


def _into_hall(work: Work, zone: Zone, hall: Hall) -> None:
    """Last in the hall, under a name that no zone there has."""
    beside = _zones(work, hall.id)
    name, copy = zone.name, 1
    while rules.name_problem(name, [other.name for other in beside]) == "name_taken":
        copy += 1
        ending = f" {copy}"
        name = zone.name[: rules.LONGEST_NAME - len(ending)] + ending
    zone.name, zone.hall_id, zone.position = name, hall.id, _after(beside)
    work.db.flush()


def _place(work: Work, computers: Sequence[Computer], goal: Zone | None, actor: Actor) -> None:
    zone_id = None if goal is None else goal.id
    for computer in computers:
        if computer.zone_id != zone_id:
            computer.zone_id = zone_id
            journal.record(
                work, "computer.placed", actor,
                computer_id=computer.id, zone_id=zone_id, zone="" if goal is None else goal.name,
            )  # fmt: skip


def _reorder(work: Work, beside: Sequence[Hall | Zone], which: Hall | Zone, places: int) -> None:
    by_id = {one.id: one for one in beside}
    for position, one in enumerate(rules.moved(list(by_id), which.id, places)):
        by_id[one].position = position
    work.tell(HallsChanged())


def _after(beside: Sequence[Hall | Zone]) -> int:
    return max((one.position for one in beside), default=-1) + 1


def _zones(work: Work, hall_id: int) -> list[Zone]:
    return list(
        work.db.scalars(
            select(Zone)
            .where(Zone.hall_id == hall_id, Zone.deleted_at.is_(None))
            .order_by(Zone.position, Zone.id)
        )
    )


def _hall(work: Work, hall_id: int) -> Hall:
    hall = work.db.get(Hall, hall_id)
    if hall is None or hall.club_id != work.club_id or hall.deleted_at is not None:
        raise OperationRefused("hall_unknown")
    return hall


def _zone(work: Work, zone_id: int) -> Zone:
    zone = work.db.get(Zone, zone_id)
    if zone is None or zone.club_id != work.club_id or zone.deleted_at is not None:
        raise OperationRefused("zone_unknown")
    return zone
