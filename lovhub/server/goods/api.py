"""Goods, for programs."""

from http import HTTPStatus
from typing import Annotated

from flask import Response
from pydantic import BaseModel, Field

from lovhub.server.goods import queries, rules, service
from lovhub.server.goods.models import Good
from lovhub.server.web import current
from lovhub.server.web.api import (
    Asked,
    Done,
    Id,
    KaspiNumber,
    Line,
    Method,
    OperationKey,
    Tiyn,
    answer,
    blueprint,
    done,
)

api = blueprint("goods", "goods")


class GoodPath(BaseModel):
    """Which good."""

    good_id: Id


class SalePath(BaseModel):
    """Which sale."""

    posting_id: Id


class GoodAsked(Asked):
    """Its name and price."""

    title: Line
    price_tiyn: Tiyn


class GoodShown(BaseModel):
    """Something with a price."""

    id: int
    title: str
    price_tiyn: int


class GoodList(BaseModel):
    """What is on sale, and what was retired last."""

    goods: list[GoodShown]
    retired: list[GoodShown]


class GoodCreated(BaseModel):
    """The new good."""

    good_id: int


class LineAsked(Asked):
    """So many of a good."""

    good_id: Id
    quantity: Annotated[int, Field(ge=1, le=rules.LARGEST_QUANTITY)]


class SaleAsked(Asked):
    """Goods for money. `total_tiyn`: what the customer was told; another sum is refused."""

    lines: Annotated[list[LineAsked], Field(min_length=1, max_length=100)]
    method: Method
    total_tiyn: Tiyn
    kaspi_number: KaspiNumber = ""
    key: OperationKey


class Reason(Asked):
    """Why it is taken back; the author needs none within two minutes."""

    reason: Line = ""


class Posted(BaseModel):
    """What was booked."""

    posting_id: int


@api.get("/goods", responses={HTTPStatus.OK: GoodList})
def list_goods() -> Response:
    """Goods on sale, and those that can be put on sale again."""
    club = current.club()
    with club.read() as db:
        on_sale = queries.on_sale(db, club.club_id)
        retired = queries.retired(db, club.club_id)
    return answer(
        GoodList(
            goods=[_shown(good) for good in on_sale], retired=[_shown(good) for good in retired]
        )
    )


def _shown(good: Good) -> GoodShown:
    return GoodShown(id=good.id, title=good.title, price_tiyn=good.price_tiyn)


@api.post("/goods", responses={HTTPStatus.CREATED: GoodCreated})
def create(body: GoodAsked) -> Response:
    """Put something on sale."""
    good_id = service.create(
        current.club(), title=body.title, price_tiyn=body.price_tiyn, actor=current.actor()
    )
    return answer(GoodCreated(good_id=good_id), HTTPStatus.CREATED)


@api.put("/goods/<int:good_id>", responses={HTTPStatus.OK: Done})
def change(path: GoodPath, body: GoodAsked) -> Response:
    """Another name or price from now on."""
    service.change(
        current.club(),
        good_id=path.good_id,
        title=body.title,
        price_tiyn=body.price_tiyn,
        actor=current.actor(),
    )
    return done()


@api.delete("/goods/<int:good_id>", responses={HTTPStatus.OK: Done})
def retire(path: GoodPath) -> Response:
    """Sell it no longer."""
    service.retire(current.club(), good_id=path.good_id, actor=current.actor())
    return done()


@api.post("/goods/<int:good_id>/restoration", responses={HTTPStatus.OK: Done})
def restore(path: GoodPath) -> Response:
    """Sell it again."""
    service.restore(current.club(), good_id=path.good_id, actor=current.actor())
    return done()


@api.post("/goods/sales", responses={HTTPStatus.CREATED: Posted})
def sell(body: SaleAsked) -> Response:
    """Sell goods for money at the desk."""
    posting_id = service.sell(
        current.club().paid_by_kaspi(body.kaspi_number),
        lines=[rules.Line(line.good_id, line.quantity) for line in body.lines],
        method=body.method,
        expected_tiyn=body.total_tiyn,
        key=body.key,
        actor=current.actor(),
    )
    return answer(Posted(posting_id=posting_id), HTTPStatus.CREATED)


@api.post("/goods/sales/<int:posting_id>/take-back", responses={HTTPStatus.CREATED: Posted})
def take_back(path: SalePath, body: Reason) -> Response:
    """Give the money of a sale back."""
    posting_id = service.take_back(
        current.club(), posting_id=path.posting_id, reason=body.reason, actor=current.actor()
    )
    return answer(Posted(posting_id=posting_id), HTTPStatus.CREATED)
