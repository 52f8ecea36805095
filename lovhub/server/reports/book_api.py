"""The books, for programs."""

from datetime import date
from http import HTTPStatus

from flask import Response
from pydantic import BaseModel, Field

from lovhub.server.reports import book_tables, books
from lovhub.server.reports.api import PeriodAsked, asked_period
from lovhub.server.reports.books import By, Step, Sums
from lovhub.server.web import current
from lovhub.server.web.api import answer, blueprint

api = blueprint("books", "reports")


class BooksAsked(PeriodAsked):
    """Some days, what they are cut into (`step`), and what is told apart (`by`)."""

    step: Step = "day"
    by: By = "whole"


class BookSums(BaseModel):
    """Money in tiyn. What a cut does not tell is left out: nobody plays by a way of paying.

    `sold`: time sold, less what of it was refunded. `played`: earned by playing, with `expired`, what was earned
    because time expired. `in` and `out`: received and given back; `received` is what is left, also by way of paying.
    """

    sums: dict[str, int] = Field(examples=[{"sold": 90000, "played": 30000, "expired": 0}])


class BookLine(BookSums):
    """Some days (both included) and one value of the cut: its `value` as our tables know it, and its `name`."""

    first_day: date
    last_day: date
    value: str
    name: str


class BookOwed(BaseModel):
    """What customers are owed in accounts of one kind: at the beginning of the period and at its end.

    Bonuses are not `in_money`: they are owed in play.
    """

    kind: str
    name: str
    in_money: bool
    before_tiyn: int
    after_tiyn: int


class BooksShown(BaseModel):
    """The books. `total` is what the lines add up to."""

    lines: list[BookLine]
    total: BookSums
    owed: list[BookOwed]


@api.get("/reports/books", responses={HTTPStatus.OK: BooksShown})
def show(query: BooksAsked) -> Response:
    """What was sold, played and received, and what is owed to customers."""
    period, club = asked_period(query), current.club()
    with club.read() as db:
        found = books.read(db, club.club_id, period, query.step, query.by)
        names = book_tables.names_of(db, club.club_id, query.by)
    lines = books.lines(found)
    return answer(
        BooksShown(
            lines=[
                BookLine(
                    first_day=line.stretch.first,
                    last_day=line.stretch.last,
                    value=line.value,
                    name=book_tables.name_of(line, names),
                    sums=_sums(line.sums, query.by),
                )
                for line in lines
            ],
            total=BookSums(sums=_sums(books.total(lines), query.by)),
            owed=[
                BookOwed(
                    kind=owed.kind,
                    name=book_tables.owed_name(owed.kind),
                    in_money=owed.in_money,
                    before_tiyn=owed.before_tiyn,
                    after_tiyn=owed.after_tiyn,
                )
                for owed in found.owed
            ],
        )
    )


def _sums(sums: Sums, by: By) -> dict[str, int]:
    return {what: sums.of(what) for what in book_tables.SHOWN[by]}
