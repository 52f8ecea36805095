"""The dashboard's figures, for programs."""

from http import HTTPStatus

from flask import Response
from pydantic import BaseModel, ConfigDict

from lovhub.server.customers import queries as customers
from lovhub.server.reports import queries
from lovhub.server.web import current
from lovhub.server.web.api import answer, blueprint

api = blueprint("reports", "dashboard")


class TodayShown(BaseModel):
    """The club's day so far, from 00:00 of its time zone (`since_at`, UTC epoch seconds).

    Sold is time bought; received is money that came in. They are not the same: a top-up is not yet a sale.
    """

    model_config = ConfigDict(from_attributes=True)

    since_at: int
    sold_tiyn: int
    received_tiyn: int
    sessions: int
    launches: int


class PcCounts(BaseModel):
    """How many PCs."""

    total: int
    on: int
    off: int
    used: int


class Dashboard(BaseModel):
    """The club at a glance."""

    today: TodayShown
    computers: PcCounts
    customers: int


@api.get("/dashboard", responses={HTTPStatus.OK: Dashboard})
def dashboard() -> Response:
    """Today's figures."""
    club = current.club()
    with club.read() as db:
        today = queries.today(db, current.club_row(), club.clock.now())
        customer_count = customers.count(db, club.club_id)
    counts = current.server().hall.snapshot().counts
    return answer(
        Dashboard(
            today=TodayShown.model_validate(today),
            computers=PcCounts(total=counts.total, on=counts.on, off=counts.off, used=counts.used),
            customers=customer_count,
        )
    )
