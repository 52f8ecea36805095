"""Tariffs, for programs."""

from http import HTTPStatus

from flask import Response
from pydantic import BaseModel

from lovhub.server.tariffs import queries, rules, service
from lovhub.server.tariffs.models import Tariff
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Line, Place, answer, blueprint, done

api = blueprint("tariffs", "tariffs")


class TariffPath(BaseModel):
    """Which tariff."""

    tariff_id: int


class TariffAsked(Asked):
    """So much time for so much money."""

    title: Line
    seconds: int
    price_tiyn: int


class TariffShown(BaseModel):
    """A tariff. `per_hour_tiyn`: what an hour costs at this price."""

    id: int
    title: str
    seconds: int
    price_tiyn: int
    per_hour_tiyn: int


class TariffList(BaseModel):
    """What is on sale, in the club's order, and what was retired last."""

    tariffs: list[TariffShown]
    retired: list[TariffShown]


class TariffCreated(BaseModel):
    """The new tariff."""

    tariff_id: int


@api.get("/tariffs", responses={HTTPStatus.OK: TariffList})
def list_tariffs() -> Response:
    """Tariffs on sale, and those that can be put on sale again."""
    club = current.club()
    with club.read() as db:
        on_sale = queries.on_sale(db, club.club_id)
        retired = queries.retired(db, club.club_id)
    return answer(
        TariffList(
            tariffs=[_shown(row) for row in on_sale], retired=[_shown(row) for row in retired]
        )
    )


def _shown(tariff: Tariff) -> TariffShown:
    return TariffShown(
        id=tariff.id,
        title=tariff.title,
        seconds=tariff.seconds,
        price_tiyn=tariff.price_tiyn,
        per_hour_tiyn=rules.per_hour_tiyn(tariff.price_tiyn, tariff.seconds),
    )


@api.post("/tariffs", responses={HTTPStatus.CREATED: TariffCreated})
def create(body: TariffAsked) -> Response:
    """Put a tariff on sale."""
    tariff_id = service.create(
        current.club(),
        title=body.title,
        seconds=body.seconds,
        price_tiyn=body.price_tiyn,
        actor=current.actor(),
    )
    return answer(TariffCreated(tariff_id=tariff_id), HTTPStatus.CREATED)


@api.put("/tariffs/<int:tariff_id>", responses={HTTPStatus.OK: Done})
def change(path: TariffPath, body: TariffAsked) -> Response:
    """Change a tariff from now on; what was sold keeps its rules."""
    service.change(
        current.club(),
        tariff_id=path.tariff_id,
        title=body.title,
        seconds=body.seconds,
        price_tiyn=body.price_tiyn,
        actor=current.actor(),
    )
    return done()


@api.delete("/tariffs/<int:tariff_id>", responses={HTTPStatus.OK: Done})
def retire(path: TariffPath) -> Response:
    """Sell it no longer."""
    service.retire(current.club(), tariff_id=path.tariff_id, actor=current.actor())
    return done()


@api.post("/tariffs/<int:tariff_id>/restoration", responses={HTTPStatus.OK: Done})
def restore(path: TariffPath) -> Response:
    """Sell a retired tariff again."""
    service.restore(current.club(), tariff_id=path.tariff_id, actor=current.actor())
    return done()


@api.put("/tariffs/<int:tariff_id>/place", responses={HTTPStatus.OK: Done})
def move(path: TariffPath, body: Place) -> Response:
    """Put a tariff at another place of the list."""
    service.move(current.club(), tariff_id=path.tariff_id, place=body.place, actor=current.actor())
    return done()
