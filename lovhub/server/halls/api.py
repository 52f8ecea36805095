"""Halls, zones and where PCs stand, for programs."""

from http import HTTPStatus
from typing import Annotated

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from lovhub.server.halls import queries, service
from lovhub.server.web import current
from lovhub.server.web.api import (
    Asked,
    Done,
    Id,
    Line,
    Question,
    Responses,
    answer,
    blueprint,
    done,
)

api = blueprint("halls", "halls")

Computers = Annotated[list[Id], Field(min_length=1, max_length=1000)]


class HallPath(BaseModel):
    """Which hall."""

    hall_id: int


class ZonePath(BaseModel):
    """Which zone."""

    zone_id: int


class _Shown(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class StandShown(_Shown):
    """A PC; `number` is the one the club gave it."""

    computer_id: int
    name: str
    number: int | None


class ZoneShown(_Shown):
    """A zone with its PCs."""

    zone_id: int
    name: str
    computers: list[StandShown]


class HallShown(_Shown):
    """A hall with its zones."""

    hall_id: int
    name: str
    zones: list[ZoneShown]


class Plan(_Shown):
    """The whole club, in order."""

    halls: list[HallShown]
    without_zone: list[StandShown]


class NewHall(Asked):
    """A hall, with zones at once if there are some."""

    name: Line
    zones: list[Line] = Field(default_factory=list, max_length=50)


class HallName(Asked):
    """What people call it."""

    name: Line


class Moved(Asked):
    """So many places later; earlier, if negative."""

    places: Annotated[int, Field(ge=-1000, le=1000)]


class HallGone(Question):
    """Where the zones of a deleted hall go."""

    zones_to_hall_id: Id | None = None


class ZoneAsked(Asked):
    """A zone's name and hall."""

    name: Line
    hall_id: Id


class ZoneGone(Question):
    """Where the PCs of a deleted zone go: to another zone, or to none if that is said."""

    to_zone_id: Id | None = None
    leave_without_zone: bool = False


class Placed(Asked):
    """These PCs belong to the zone; None: to none."""

    computer_ids: Computers
    zone_id: Id | None


class Numbered(Asked):
    """These PCs get consecutive numbers in the order they stand; `first` None takes their numbers away."""

    computer_ids: Computers
    first: int | None


class HallCreated(BaseModel):
    """The new hall."""

    hall_id: int


class ZoneCreated(BaseModel):
    """The new zone."""

    zone_id: int


_DONE: Responses = {HTTPStatus.OK: Done}


@api.get("/halls", responses={HTTPStatus.OK: Plan})
def list_halls() -> Response:
    """Halls, their zones and the PCs in them."""
    club = current.club()
    with club.read() as db:
        plan = queries.plan(db, club.club_id)
    return answer(Plan.model_validate(plan))


@api.post("/halls", responses={HTTPStatus.CREATED: HallCreated})
def create_hall(body: NewHall) -> Response:
    """Add a hall."""
    hall_id = service.create_hall(
        current.club(), name=body.name, zones=body.zones, actor=current.actor()
    )
    return answer(HallCreated(hall_id=hall_id), HTTPStatus.CREATED)


@api.put("/halls/<int:hall_id>", responses=_DONE)
def change_hall(path: HallPath, body: HallName) -> Response:
    """Give a hall another name."""
    service.rename_hall(current.club(), hall_id=path.hall_id, name=body.name, actor=current.actor())
    return done()


@api.post("/halls/<int:hall_id>/move", responses=_DONE)
def move_hall(path: HallPath, body: Moved) -> Response:
    """Show a hall earlier or later."""
    service.move_hall(
        current.club(), hall_id=path.hall_id, places=body.places, actor=current.actor()
    )
    return done()


@api.delete("/halls/<int:hall_id>", responses=_DONE)
def delete_hall(path: HallPath, query: HallGone) -> Response:
    """Take a hall away."""
    service.delete_hall(
        current.club(),
        hall_id=path.hall_id,
        zones_to_hall_id=query.zones_to_hall_id,
        actor=current.actor(),
    )
    return done()


@api.post("/zones", responses={HTTPStatus.CREATED: ZoneCreated})
def create_zone(body: ZoneAsked) -> Response:
    """Add a zone."""
    zone_id = service.create_zone(
        current.club(), hall_id=body.hall_id, name=body.name, actor=current.actor()
    )
    return answer(ZoneCreated(zone_id=zone_id), HTTPStatus.CREATED)


@api.put("/zones/<int:zone_id>", responses=_DONE)
def change_zone(path: ZonePath, body: ZoneAsked) -> Response:
    """Give a zone a name and a hall."""
    service.change_zone(
        current.club(),
        zone_id=path.zone_id,
        name=body.name,
        hall_id=body.hall_id,
        actor=current.actor(),
    )
    return done()


@api.post("/zones/<int:zone_id>/move", responses=_DONE)
def move_zone(path: ZonePath, body: Moved) -> Response:
    """Show a zone earlier or later in its hall."""
    service.move_zone(
        current.club(), zone_id=path.zone_id, places=body.places, actor=current.actor()
    )
    return done()


@api.delete("/zones/<int:zone_id>", responses=_DONE)
def delete_zone(path: ZonePath, query: ZoneGone) -> Response:
    """Take a zone away."""
    service.delete_zone(
        current.club(),
        zone_id=path.zone_id,
        to_zone_id=query.to_zone_id,
        leave_without_zone=query.leave_without_zone,
        actor=current.actor(),
    )
    return done()


@api.post("/computers/place", responses=_DONE)
def place(body: Placed) -> Response:
    """Put PCs into a zone, or into none."""
    service.place(
        current.club(),
        computer_ids=body.computer_ids,
        zone_id=body.zone_id,
        actor=current.actor(),
    )
    return done()


@api.post("/computers/number", responses=_DONE)
def number(body: Numbered) -> Response:
    """Number PCs, or take their numbers away."""
    service.number(
        current.club(),
        computer_ids=body.computer_ids,
        first=body.first,
        actor=current.actor(),
    )
    return done()
