"""The books of a period: days that are summed up, and the ledger itself for what came since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from lovhub.server.database.prepared import Query
from lovhub.server.ledger.accounts import PAYMENT_METHODS, REVENUE
from lovhub.server.ledger.models import LedgerAccount, LedgerPosting, LedgerTransfer
from lovhub.server.lots.models import Lot
from lovhub.server.reports import book_days
from lovhub.server.reports.book_days import Cut, Entry, Moved, OfLot, Owed
from lovhub.server.reports.models import BookDay
from lovhub.server.reports.rules import DAY, HOUR, QUARTER, Period
from lovhub.server.sessions.models import Hold, PlaySession

Step = Literal["whole", "day", "week", "month"]
"""Into what a period is cut."""

By = Literal["whole", "zone", "tariff", "person", "method"]
"""What is told apart. Ways of paying are told apart in the whole already."""

EXPIRED = "time.expired"
"""The kind of posting by which expired time becomes revenue."""


@dataclass(frozen=True)
class Stretch:
    """Some days of a period that are shown together, both included."""

    first: date
    last: date

    @property
    def is_month(self) -> bool:
        """Whether they are a month, whole."""
        after = self.last + timedelta(days=1)
        return (self.first.day, after.day) == (1, 1) and (after - self.first).days <= 31


def stretches(period: Period, step: Step) -> list[Stretch]:
    """The period cut into days, weeks from Monday or months; its ends may cut the first and the last."""
    found: list[Stretch] = []
    for day in period.dates():
        begins = {
            "whole": False,
            "day": True,
            "week": day.weekday() == 0,
            "month": day.day == 1,
        }[step]
        if begins or not found:
            found.append(Stretch(day, day))
        else:
            found[-1] = Stretch(found[-1].first, day)
    return found


@dataclass(frozen=True)
class Books:
    """What was found: of each stretch (by its number) and value, what it is → how much; and what is owed."""

    by: By
    stretches: list[Stretch]
    cells: dict[tuple[int, str], dict[str, int]]
    owed: list[Owed]


def read(db: Session, club_id: int, period: Period, step: Step, by: By) -> Books:
    """At most four statements, and at most a day of the ledger is read by its entries."""
    cut: Cut = "whole" if by == "method" else by
    parts = stretches(period, step)
    begins = [*(period.days.begin(part.first) for part in parts), period.until_at]
    owed = _days(db, _OWED_IN, club_id, period, "owed")
    days = [*_days(db, _CUT_IN, club_id, period, cut), *owed]
    found = book_days.entries_of(days, begins)
    found += book_days.changed_between(owed)
    rest_at = owed[-1].at + DAY if owed else 0
    if rest_at < period.until_at:
        found += of_ledger(db, club_id, rest_at, period.until_at)
    summed = book_days.added(begins, cut, owed[0].before if owed else {}, found)
    return Books(by, parts, summed.cells, summed.owed)


def _asked(kept: SQLColumnExpression[bytes], *which: ColumnElement[bool]) -> Query[int, bytes]:
    return Query(
        select(BookDay.day_at, kept)
        .where(BookDay.club_id == bindparam("club"), BookDay.cut == bindparam("cut"), *which)
        .where(BookDay.day_at < bindparam("until_at"))
        .order_by(BookDay.day_at)
    )


def _first_or_last() -> ColumnElement[bool]:
    """The first day that touches the period, and the last one: that of the period, or else the last before it.

    What is owed is known at the beginning of each day, so that the days between say nothing more.
    """
    of_cut = (BookDay.club_id == bindparam("club"), BookDay.cut == bindparam("cut"))
    first = select(func.min(BookDay.day_at)).where(*of_cut, BookDay.day_at > bindparam("after"))
    last = select(func.max(BookDay.day_at)).where(*of_cut, BookDay.day_at < bindparam("until_at"))
    return or_(BookDay.day_at == first.scalar_subquery(), BookDay.day_at == last.scalar_subquery())


_Asked = dict[int, Query[int, bytes]]
_KEPT = {HOUR: BookDay.hours, QUARTER: BookDay.quarters}
_CUT_IN: _Asked = {
    grain: _asked(kept, BookDay.day_at > bindparam("after")) for grain, kept in _KEPT.items()
}
_OWED_IN: _Asked = {grain: _asked(kept, _first_or_last()) for grain, kept in _KEPT.items()}


def _days(
    db: Session, asked: _Asked, club_id: int, period: Period, cut: Cut
) -> list[book_days.BookDay]:
    """The days of one cut."""
    grain = period.grain
    rows = asked[grain].all(
        db, club=club_id, cut=cut, after=period.from_at - DAY, until_at=period.until_at
    )
    return [book_days.BookDay.read(at, cut, sums, grain) for at, sums in rows]


def of_ledger(db: Session, club_id: int, from_at: int, until_at: int) -> list[Entry]:
    """The same from the ledger alone; two statements."""
    moved = db.execute(_moved(club_id, from_at, until_at))
    of_lots = db.execute(_of_lots(club_id, from_at, until_at))
    return book_days.entries(
        (Moved(*row[:-1], int(row[-1])) for row in moved),
        (OfLot(*row[:-1], int(row[-1])) for row in of_lots),
    )


def _moved(club_id: int, from_at: int, until_at: int) -> Select[int, str, str, bool, str, int, int]:
    debit, credit = aliased(LedgerAccount), aliased(LedgerAccount)
    # Who plays by the minute buys by playing: nobody at the desk sold it, whoever stopped the clock.
    is_playing = LedgerPosting.kind.like("session.%")
    actor_kind = case((is_playing, "customer"), else_=LedgerPosting.actor_kind)
    rows = (
        select(
            (LedgerPosting.at - LedgerPosting.at % QUARTER).label("quarter"),
            debit.kind.label("debit"),
            credit.kind.label("credit"),
            (LedgerPosting.kind == EXPIRED).label("expired"),
            actor_kind.label("actor_kind"),
            case((actor_kind == "staff", LedgerPosting.actor_id), else_=None).label("actor_id"),
            LedgerTransfer.amount.label("amount"),
        )
        .select_from(LedgerPosting)
        .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
        .join(debit, debit.id == LedgerTransfer.debit_account_id)
        .join(credit, credit.id == LedgerTransfer.credit_account_id)
        .where(
            LedgerPosting.club_id == club_id,
            LedgerPosting.at >= from_at,
            LedgerPosting.at < until_at,
            LedgerTransfer.unit == "tiyn",
        )
        .subquery()
    )
    told_apart = [column for column in rows.c if column.name != "amount"]
    return select(*told_apart, func.sum(rows.c.amount)).group_by(*told_apart)


def _of_lots(club_id: int, from_at: int, until_at: int) -> Select[int, str, int, int, int]:
    """Money into the accounts of lots and out of them."""
    held = aliased(LedgerTransfer)
    # A posting moves the seconds of one sitting; none: it takes a rest. 0: a PC without a zone.
    played_in = (
        select(func.max(func.coalesce(PlaySession.zone_id, 0)))
        .select_from(held)
        .join(Hold, Hold.account_id == held.debit_account_id)
        .join(PlaySession, PlaySession.id == Hold.session_id)
        .where(held.posting_id == LedgerPosting.id)
        .scalar_subquery()
    )
    of_the_period = (
        LedgerPosting.club_id == club_id,
        LedgerPosting.at >= from_at,
        LedgerPosting.at < until_at,
        LedgerTransfer.unit == "tiyn",
    )
    quarter = (LedgerPosting.at - LedgerPosting.at % QUARTER).label("quarter")
    into = (
        select(
            quarter,
            literal("sold").label("what"),
            Lot.tariff_id,
            Lot.zone_id,
            LedgerTransfer.amount,
        )
        .select_from(LedgerPosting)
        .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
        .join(Lot, Lot.unearned_account_id == LedgerTransfer.credit_account_id)
        .where(*of_the_period)
    )
    is_revenue = LedgerAccount.kind == REVENUE.name
    what = case((LedgerPosting.kind == EXPIRED, "expired"), (is_revenue, "played"), else_="back")
    out = (
        select(
            quarter,
            what.label("what"),
            Lot.tariff_id,
            case((is_revenue, func.coalesce(played_in, Lot.zone_id)), else_=Lot.zone_id),
            LedgerTransfer.amount,
        )
        .select_from(LedgerPosting)
        .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
        .join(Lot, Lot.unearned_account_id == LedgerTransfer.debit_account_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerTransfer.credit_account_id)
        .where(*of_the_period)
    )
    rows = union_all(into, out).subquery()
    at, meant, tariff_id, zone_id, amount = rows.c
    none_is_null = func.nullif(zone_id, 0)
    return select(at, meant, tariff_id, none_is_null, func.sum(amount)).group_by(
        at, meant, tariff_id, none_is_null
    )


@dataclass(frozen=True)
class Line:
    """A line of the books: some days, one value of the cut, and its sums."""

    stretch: Stretch
    value: str
    sums: "Sums"


@dataclass(frozen=True)
class Sums:
    """What is shown of a cell."""

    cell: dict[str, int]

    def of(self, what: str) -> int:
        """`sold`, `played`, `expired`, `goods`; `in` and `out` (given back), and `received`, of both what is left.

        These three also of one way of paying: `in:cash`.
        """
        name, _colon, method = what.partition(":")
        if name == "received":
            return self.of(what.replace(name, "in")) - self.of(what.replace(name, "out"))
        if name in {"in", "out"} and not method:
            return sum(self.of(f"{name}:{method}") for method in PAYMENT_METHODS)
        return self.cell.get(what, 0)


def lines(found: Books) -> list[Line]:
    """The cells as lines: stretch by stretch, in each the largest value of the whole period first.

    Without a cut, a stretch in which nothing moved has its line too; otherwise only what moved has one.
    """
    cells = found.cells
    if found.by == "whole":
        return [
            Line(stretch, "", Sums(cells.get((number, ""), {})))
            for number, stretch in enumerate(found.stretches)
        ]
    if found.by == "method":
        cells = {
            (number, method): {
                name: cell.get(name, 0) for name in (f"in:{method}", f"out:{method}")
            }
            for (number, _value), cell in cells.items()
            for method in PAYMENT_METHODS
        }
    weights: dict[str, int] = {}
    for (_number, value), cell in cells.items():
        weights[value] = weights.get(value, 0) + sum(map(abs, cell.values()))
    order = sorted(weights, key=lambda value: (value == "", -weights[value], value))
    return [
        Line(stretch, value, Sums(cells[number, value]))
        for number, stretch in enumerate(found.stretches)
        for value in order
        if any(cells.get((number, value), {}).values())
    ]


def total(found: Sequence[Line]) -> Sums:
    """All lines together."""
    cell: dict[str, int] = {}
    for line in found:
        for what, amount in line.sums.cell.items():
            cell[what] = cell.get(what, 0) + amount
    return Sums(cell)
