"""Tariffs, for programs."""

from http import HTTPStatus

from flask import Response
from pydantic import BaseModel, ConfigDict

from lovhub.server.tariffs import queries, service
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Line, answer, blueprint, done

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
    """A tariff on sale."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    seconds: int
    price_tiyn: int


class TariffList(BaseModel):
    """What is on sale, the shortest first."""

    tariffs: list[TariffShown]


class TariffCreated(BaseModel):
    """The new tariff."""

    tariff_id: int


@api.get("/tariffs", responses={HTTPStatus.OK: TariffList})
def list_tariffs() -> Response:
    """Tariffs on sale."""
    club = current.club()
    with club.read() as db:
        tariffs = queries.on_sale(db, club.club_id)
    return answer(TariffList(tariffs=[TariffShown.model_validate(row) for row in tariffs]))


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
