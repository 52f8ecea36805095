"""The dashboard's figures and the series behind the charts, for programs."""

from datetime import date
from http import HTTPStatus
from typing import Literal

from flask import Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from lovhub.server.errors import OperationRefused
from lovhub.server.reports import queries, rules, series
from lovhub.server.reports.rules import ClubDays, Money, Period
from lovhub.server.reports.series import Stretch
from lovhub.server.web import current
from lovhub.server.web.api import Question, answer, blueprint
from lovhub.server.web.navigation import may

api = blueprint("reports", "dashboard")


class MoneyShown(BaseModel):
    """Sold is time bought; received is money that came in, by way of paying; played is earned by seconds played.

    They are not the same: a top-up is not yet a sale, and what is sold is not yet played.
    """

    model_config = ConfigDict(from_attributes=True)

    sold_tiyn: int
    received_tiyn: dict[str, int]
    received_in_all_tiyn: int
    played_tiyn: int


class MoneySince(BaseModel):
    """Money from an instant (UTC epoch seconds) on."""

    model_config = ConfigDict(from_attributes=True)

    since_at: int
    money: MoneyShown


class GameShown(BaseModel):
    """How often a game or a program was started, and how long it ran."""

    model_config = ConfigDict(from_attributes=True)

    application_id: int
    title: str
    kind: Literal["game", "program"]
    launches: int
    seconds: int


class TodayShown(BaseModel):
    """What was played since 00:00 of the club's time zone (`since_at`, UTC epoch seconds)."""

    model_config = ConfigDict(from_attributes=True)

    since_at: int
    sessions: int
    launches: int
    games: list[GameShown]


class PcCounts(BaseModel):
    """How many PCs."""

    total: int
    on: int
    off: int
    used: int
    problems: int


class CustomersShown(BaseModel):
    """How many customers there are, and how many came today."""

    model_config = ConfigDict(from_attributes=True)

    total: int
    new_today: int


class OwedShown(BaseModel):
    """What the club owes its customers: balances, and time paid for but not played; and (debts) what they owe it."""

    model_config = ConfigDict(from_attributes=True)

    balances_tiyn: int
    unplayed_tiyn: int
    unplayed_seconds: int
    debts_tiyn: int


class Dashboard(BaseModel):
    """The club at a glance. `money` and `owed` are null for those who may not see revenue."""

    today: TodayShown
    money_today: MoneySince | None
    money_this_shift: MoneySince | None
    owed: OwedShown | None
    computers: PcCounts
    customers: CustomersShown


class PeriodAsked(Question):
    """Days of the club, both included; `day_begins` says whether a day begins at midnight or with the shift."""

    first_day: date
    last_day: date
    day_begins: Literal["midnight", "shift"] = "midnight"


class DayMoney(BaseModel):
    """One day."""

    day: date
    money: MoneyShown


class HourMoney(BaseModel):
    """One hour of the clock, over all days together."""

    hour: int
    money: MoneyShown


class Revenue(BaseModel):
    """Money by day and by hour of the clock; both add up to `total`."""

    days: list[DayMoney]
    hours: list[HourMoney]
    total: MoneyShown


class OccupationCell(BaseModel):
    """An hour of a weekday (0 is Monday): how many of the PCs' seconds were taken. `percent` null: none were there."""

    weekday: int
    hour: int
    taken_seconds: int
    all_seconds: int
    percent: int | None


class OccupationShown(BaseModel):
    """A week of hours."""

    cells: list[OccupationCell]


class Games(BaseModel):
    """What was started in the period, what ran longest first."""

    games: list[GameShown]


@api.get("/dashboard", responses={HTTPStatus.OK: Dashboard})
def dashboard() -> Response:
    """Today's figures."""
    club, row = current.club(), current.club_row()
    now = club.clock.now()
    with club.read() as db:
        today = queries.today(db, row, now)
        customers = queries.customers(db, row, now)
        money = queries.money_today(db, row, now) if may("see_revenue") else None
        owed = queries.owed(db, row) if may("see_revenue") else None
    snapshot = current.server().hall.snapshot()
    counts = snapshot.counts
    return answer(
        Dashboard(
            today=TodayShown.model_validate(today),
            money_today=MoneySince.model_validate(money[0]) if money else None,
            money_this_shift=MoneySince.model_validate(money[1]) if money else None,
            owed=OwedShown.model_validate(owed) if owed else None,
            computers=PcCounts(
                total=counts.total,
                on=counts.on,
                off=counts.off,
                used=counts.used,
                problems=sum(bool(row.problem) for row in snapshot.rows),
            ),
            customers=CustomersShown.model_validate(customers),
        )
    )


@api.get("/reports/revenue", responses={HTTPStatus.OK: Revenue})
def revenue(query: PeriodAsked) -> Response:
    """Money by day and by hour."""
    period = asked_period(query)
    club = current.club()
    with club.read() as db:
        money = series.money(db, _stretch(db, period))
    return answer(
        Revenue(
            days=[
                DayMoney(day=day, money=_money(got))
                for day, got in rules.money_by_day(period, money.by_day).items()
            ],
            hours=[
                HourMoney(hour=hour, money=_money(got))
                for hour, got in rules.money_by_hour(period.days, money.by_hour).items()
            ],
            total=_money(rules.money(money.by_hour)),
        )
    )


@api.get("/reports/occupation", responses={HTTPStatus.OK: OccupationShown})
def occupation(query: PeriodAsked) -> Response:
    """How much of the PCs' time was taken, by weekday and hour."""
    period = asked_period(query)
    club = current.club()
    with club.read() as db:
        found = series.occupation(db, _stretch(db, period), period.days, club.clock.now())
    return answer(
        OccupationShown(
            cells=[
                OccupationCell(
                    weekday=weekday,
                    hour=hour,
                    taken_seconds=cell.taken_seconds,
                    all_seconds=cell.all_seconds,
                    percent=cell.percent,
                )
                for (weekday, hour), cell in found.items()
            ]
        )
    )


@api.get("/reports/games", responses={HTTPStatus.OK: Games})
def games(query: PeriodAsked) -> Response:
    """Games and programs by hours played."""
    period = asked_period(query)
    club = current.club()
    with club.read() as db:
        found = series.games(db, _stretch(db, period), club.clock.now())
    return answer(Games(games=[GameShown.model_validate(game) for game in found]))


def asked_period(query: PeriodAsked) -> Period:
    """The period; what is none is refused."""
    row = current.club_row()
    problem = rules.period_problem(query.first_day, query.last_day)
    if problem:
        raise OperationRefused("invalid_fields", last_day=problem)
    starts_at = row.day_starts_at if query.day_begins == "shift" else 0
    return Period(ClubDays(row.time_zone, starts_at), query.first_day, query.last_day)


def _stretch(db: Session, period: Period) -> Stretch:
    return Stretch.read(db, current.club().club_id, period)


def _money(got: Money) -> MoneyShown:
    return MoneyShown.model_validate(got)
