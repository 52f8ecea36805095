"""Tariffs, for programs."""

from datetime import date
from http import HTTPStatus
from typing import Annotated

from flask import Response
from pydantic import BaseModel, Field

from lovhub.server.computers import queries as computers
from lovhub.server.errors import OperationRefused
from lovhub.server.loyalty import queries as groups
from lovhub.server.tariffs import queries, rules, service
from lovhub.server.tariffs.models import Tariff
from lovhub.server.tariffs.rules import Terms, ZonePrice
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Id, Line, Place, Question, answer, blueprint, done

api = blueprint("tariffs", "tariffs")

Weekday = Annotated[int, Field(ge=0, le=6)]
TimeOfDay = Annotated[int, Field(ge=0, lt=rules.DAY_SECONDS, description="Seconds after midnight.")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class TariffPath(BaseModel):
    """Which tariff."""

    tariff_id: int


class InZone(Asked):
    """A zone that differs: not sold there, or at a price of its own (null: the tariff's)."""

    zone_id: Id
    sold: bool = True
    price_tiyn: int | None = None


class TariffAsked(Asked):
    """Time for money. What is left out is as in a simple package: sold always and everywhere.

    `groups`: sold only to customers of these; none named: to everybody.
    `kind`: `package` (`seconds`), `fixed_end` (until `sold_until`; `seconds` then follow from the times),
    `bundle` (`seconds` within `valid_days`) or `per_minute` (from the balance, at `price_tiyn` an hour, at least
    `minimum_tiyn` a sitting; `seconds` is the hour). `weekdays`: 0 is Monday. `rest_rule` null: kept of a package,
    expired of anything else. `play_rule` of a package or a bundle: `any_time`, or `sale_hours`, when what was bought is
    played only in the days and hours in which the tariff is sold.
    """

    title: Line
    seconds: int
    price_tiyn: int
    kind: rules.Kind = "package"
    weekdays: Annotated[list[Weekday], Field(max_length=7)] = Field(
        default_factory=lambda: list(range(7))
    )
    sold_from: TimeOfDay | None = None
    sold_until: TimeOfDay | None = None
    holiday_rule: rules.HolidayRule = "as_weekday"
    sold_elsewhere: bool = True
    zones: Annotated[list[InZone], Field(max_length=200)] = Field(default_factory=list)
    price_rule: rules.PriceRule = "whole"
    minimum_tiyn: int = 0
    valid_days: int | None = None
    rest_rule: rules.RestRule | None = None
    pause_allowed: bool = True
    groups: Annotated[list[Id], Field(max_length=200)] = Field(default_factory=list)
    play_rule: rules.PlayRule = "any_time"

    def terms(self) -> Terms:
        """For the operation, which judges them."""
        values = self.model_dump(exclude={"zones", "weekdays", "rest_rule", "groups"})
        usual: rules.RestRule = "kept" if self.kind == "package" else "expires"
        return Terms(
            **values,
            weekdays=frozenset(self.weekdays),
            zones={zone.zone_id: ZonePrice(zone.sold, zone.price_tiyn) for zone in self.zones},
            rest_rule=self.rest_rule or usual,
            groups=frozenset(self.groups),
        )


class TariffShown(BaseModel):
    """A tariff. `per_hour_tiyn`: what an hour costs at this price. The rest as it is asked for."""

    id: int
    title: str
    seconds: int
    price_tiyn: int
    per_hour_tiyn: int
    kind: rules.Kind
    weekdays: list[int]
    sold_from: int | None
    sold_until: int | None
    holiday_rule: rules.HolidayRule
    sold_elsewhere: bool
    zones: list[InZone]
    price_rule: rules.PriceRule
    minimum_tiyn: int
    valid_days: int | None
    rest_rule: rules.RestRule
    pause_allowed: bool
    groups: list[int]
    play_rule: rules.PlayRule


class TariffList(BaseModel):
    """What is on sale, in the club's order, and what was retired last."""

    tariffs: list[TariffShown]
    retired: list[TariffShown]


class TariffCreated(BaseModel):
    """The new tariff."""

    tariff_id: int


class OffersAsked(Question):
    """At which PC; without one, at a PC that stands in no zone. To which customer; without one, to a guest."""

    computer_id: Id | None = None
    customer_id: Id | None = None


class TariffOfferShown(BaseModel):
    """What can be bought there now. `expires_at`: after that instant nothing of it is played.

    `discount_tiyn`: what the customer's group has taken off the price already.
    """

    tariff_id: int
    title: str
    kind: rules.Kind
    seconds: int
    price_tiyn: int
    discount_tiyn: int
    expires_at: int | None
    play_rule: rules.PlayRule


class OfferList(BaseModel):
    """The tariffs that are sold at this moment at this PC, with its prices, in the club's order."""

    offers: list[TariffOfferShown]


class Holidays(Asked):
    """The dates that the club calls holidays, such as `2026-12-16`."""

    days: Annotated[list[Day], Field(max_length=service.MOST_HOLIDAYS)]


class HolidaysShown(BaseModel):
    """The dates that the club calls holidays, in order."""

    days: list[str]


@api.get("/tariffs", responses={HTTPStatus.OK: TariffList})
def list_tariffs() -> Response:
    """Tariffs on sale, and those that can be put on sale again."""
    club = current.club()
    with club.read() as db:
        on_sale = queries.on_sale(db, club.club_id)
        retired = queries.retired(db, club.club_id)
        terms = queries.terms_of(db, club.club_id, [*on_sale, *retired])
    return answer(
        TariffList(
            tariffs=[_shown(row, terms[row.id]) for row in on_sale],
            retired=[_shown(row, terms[row.id]) for row in retired],
        )
    )


def _shown(tariff: Tariff, terms: Terms) -> TariffShown:
    values = {**vars(terms), "weekdays": sorted(terms.weekdays), "groups": sorted(terms.groups)}
    values["zones"] = [
        InZone(zone_id=zone_id, sold=there.sold, price_tiyn=there.price_tiyn)
        for zone_id, there in sorted(terms.zones.items())
    ]
    return TariffShown(
        id=tariff.id, per_hour_tiyn=rules.per_hour_tiyn(terms.price_tiyn, terms.seconds), **values
    )


@api.get("/tariffs/offers", responses={HTTPStatus.OK: OfferList})
def list_offers(query: OffersAsked) -> Response:
    """What can be bought now at a PC."""
    club = current.club()
    with club.read() as db:
        zone_id = None
        if query.computer_id is not None:
            computer = computers.by_id(db, club.club_id, query.computer_id)
            if computer is None or computer.revoked_at is not None:
                raise OperationRefused("computer_unknown")
            zone_id = computer.zone_id
        group = None
        if query.customer_id is not None:
            group = groups.of_customer(db, club.club_id, query.customer_id)
        found = queries.shelf(db, club.club_id, club.clock.now()).goods(zone_id, group)
    return answer(
        OfferList(
            offers=[
                TariffOfferShown(
                    tariff_id=goods.tariff_id,
                    title=goods.terms.title,
                    kind=goods.terms.kind,
                    seconds=goods.offer.seconds,
                    price_tiyn=goods.price_tiyn,
                    discount_tiyn=goods.offer.discount_tiyn,
                    expires_at=goods.offer.expires_at,
                    play_rule=goods.terms.play_rule,
                )
                for goods in found
            ]
        )
    )


@api.get("/tariffs/holidays", responses={HTTPStatus.OK: HolidaysShown})
def list_holidays() -> Response:
    """The club's holidays."""
    club = current.club()
    with club.read() as db:
        days = queries.holidays(db, club.club_id)
    return answer(HolidaysShown(days=[day.isoformat() for day in days]))


@api.put("/tariffs/holidays", responses={HTTPStatus.OK: Done})
def set_holidays(body: Holidays) -> Response:
    """These dates, and no others, are the club's holidays."""
    try:
        days = [date.fromisoformat(day) for day in body.days]
    except ValueError as error:
        raise OperationRefused("invalid_fields", days="date_malformed") from error
    service.set_holidays(current.club(), days=days, actor=current.actor())
    return done()


@api.post("/tariffs", responses={HTTPStatus.CREATED: TariffCreated})
def create(body: TariffAsked) -> Response:
    """Put a tariff on sale."""
    tariff_id = service.create(current.club(), terms=body.terms(), actor=current.actor())
    return answer(TariffCreated(tariff_id=tariff_id), HTTPStatus.CREATED)


@api.put("/tariffs/<int:tariff_id>", responses={HTTPStatus.OK: Done})
def change(path: TariffPath, body: TariffAsked) -> Response:
    """Change a tariff from now on; what was sold keeps its rules."""
    service.change(
        current.club(), tariff_id=path.tariff_id, terms=body.terms(), actor=current.actor()
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
