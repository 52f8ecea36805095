"""The figures behind the charts: what closed days say, and the rows themselves for what is not closed.

The number of statements does not depend on the length of the history.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import msgspec
from sqlalchemy import (
    BindParameter,
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

from lovhub.server.applications.models import Application
from lovhub.server.computers.models import Computer
from lovhub.server.database.prepared import Query
from lovhub.server.journal.models import Launch
from lovhub.server.ledger.models import LedgerAccount, LedgerPosting, LedgerTransfer
from lovhub.server.reports import folding, rules
from lovhub.server.reports.folding import FORTNIGHT, Day, Rows, Sums
from lovhub.server.reports.models import ClosedDay, ClosedFortnight, MoneyFlow, SummedUntil
from lovhub.server.reports.rules import (
    DAY,
    HOUR,
    QUARTER,
    ClubDays,
    Edges,
    Flow,
    Meant,
    MeantByDay,
    Occupation,
    Period,
)
from lovhub.server.sessions.models import PlaySession

FORTNIGHTS_FROM = 32 * DAY
"""In a month there is one of them, or two: asking for them would cost as much as they save."""

LONGEST_SITTING = 7 * DAY
"""Nobody sits longer: what was forgotten to be ended takes a PC for so long, and no longer."""


def _closed(parts: SQLColumnExpression[bytes]) -> Query[int, bytes, bytes]:
    return Query(
        select(ClosedDay.day_at, parts, ClosedDay.programs)
        .where(
            ClosedDay.club_id == bindparam("club"),
            ClosedDay.day_at > bindparam("after"),
            ClosedDay.day_at < bindparam("before"),
        )
        .order_by(ClosedDay.day_at)
    )


_CLOSED_IN_HOURS, _CLOSED_IN_QUARTERS = _closed(ClosedDay.hours), _closed(ClosedDay.quarters)
_FORTNIGHTS = Query(
    select(ClosedFortnight.from_at, ClosedFortnight.sums)
    .where(
        ClosedFortnight.club_id == bindparam("club"),
        ClosedFortnight.from_at >= bindparam("first"),
        ClosedFortnight.from_at <= bindparam("last"),
    )
    .order_by(ClosedFortnight.from_at)
)


def _quarter(at: SQLColumnExpression[int]) -> ColumnElement[int]:
    return at - at % QUARTER


def _of_ledger(from_at: BindParameter[int]) -> Select[int, str, str, int]:
    debit, credit = aliased(LedgerAccount), aliased(LedgerAccount)
    quarter = _quarter(LedgerPosting.at)
    return (
        select(quarter, debit.kind, credit.kind, func.sum(LedgerTransfer.amount))
        .select_from(LedgerPosting)
        .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
        .join(debit, debit.id == LedgerTransfer.debit_account_id)
        .join(credit, credit.id == LedgerTransfer.credit_account_id)
        .where(
            LedgerPosting.club_id == bindparam("club"),
            LedgerPosting.at >= from_at,
            LedgerPosting.at < bindparam("until_at"),
            LedgerTransfer.unit == "tiyn",
        )
        .group_by(quarter, debit.kind, credit.kind)
    )


_OF_LEDGER = Query(_of_ledger(bindparam("from_at")))
_OF_SUMS_AND_LEDGER = Query(
    union_all(
        select(
            MoneyFlow.quarter_at, MoneyFlow.debit_kind, MoneyFlow.credit_kind, MoneyFlow.amount_tiyn
        ).where(
            MoneyFlow.club_id == bindparam("club"),
            MoneyFlow.quarter_at >= bindparam("from_at"),
            MoneyFlow.quarter_at < bindparam("summed_at"),
        ),
        _of_ledger(bindparam("rest_at")),
    )
)
_SUMMED_UNTIL = Query(select(SummedUntil.until_at).where(SummedUntil.club_id == bindparam("club")))


@dataclass(frozen=True)
class Stretch:
    """A stretch of the club's history: the closed days in it, which follow each other, and what lies around them.

    `closed`: from when to when days are closed that lie wholly in it; `sums`: what these add up to. `cut`: closed days
    of which a part lies in it.
    """

    club_id: int
    from_at: int
    until_at: int
    closed: tuple[int, int] | None = None
    sums: Sums = folding.NOTHING
    cut: Sequence[Day] = ()

    @classmethod
    def read(cls, db: Session, club_id: int, period: Period) -> Self:
        """A period; one statement, for a longer one three, and one more for each change of the clock in it."""
        from_at, until_at, grain = period.from_at, period.until_at, period.grain
        fortnights = _fortnights(db, club_id, period) if grain == HOUR else []
        days = _CLOSED_IN_HOURS if grain == HOUR else _CLOSED_IN_QUARTERS
        rows: list[tuple[int, bytes, bytes]] = []
        after = from_at - DAY
        for at, _ in fortnights:
            if after + DAY < at:
                rows += days.all(db, club=club_id, after=after, before=at)
            after = at + FORTNIGHT - DAY
        rows += days.all(db, club=club_id, after=after, before=until_at)
        whole = [row for row in rows if from_at <= row[0] <= until_at - DAY]
        cut = [
            Day.read(at, grain, *kept) for at, *kept in rows if not from_at <= at <= until_at - DAY
        ]
        spans = [(at, at + DAY) for at, *_ in whole] + [
            (at, at + FORTNIGHT) for at, _ in fortnights
        ]
        if not spans:
            return cls(club_id, from_at, until_at, cut=cut)
        closed = min(begin for begin, _ in spans), max(end for _, end in spans)
        sums = folding.added_up(Rows(period, tuple(whole), tuple(fortnights)))
        return cls(club_id, from_at, until_at, closed, sums, cut)

    def open_spans(self, *, but_cut: bool = False) -> list[tuple[int, int]]:
        """What is not closed: instants from the first to before the second. `but_cut`: nor are parts of closed days."""
        known = [self.closed] if self.closed else []
        known += [(day.at, day.at + DAY) for day in self.cut if but_cut]
        if not known:
            return [(self.from_at, self.until_at)]
        around = (
            (self.from_at, min(begin for begin, _ in known)),
            (max(end for _, end in known), self.until_at),
        )
        return [(from_at, until_at) for from_at, until_at in around if from_at < until_at]


def _fortnights(db: Session, club_id: int, period: Period) -> list[tuple[int, bytes]]:
    """Those wholly in a long period, but for such as have a change of the club's clock in them."""
    first, last = period.from_at, period.until_at - FORTNIGHT
    if period.until_at - first < FORTNIGHTS_FROM:
        return []
    rows = _FORTNIGHTS.all(db, club=club_id, first=first, last=last)
    return [row for row in rows if folding.same_clock(period.days, row[0])]


@dataclass(frozen=True)
class MoneyFlows:
    """Money of a period: movements that are right by the club's day, and others that are by the hour of its clock."""

    by_day: list[Flow | Meant | MeantByDay]
    by_hour: list[Flow | Meant]


def money(db: Session, stretch: Stretch) -> MoneyFlows:
    """Money of a stretch; at most four statements."""
    spans = stretch.open_spans(but_cut=True)
    around: list[Flow | Meant] = []
    for span in spans:
        around += flows(db, stretch.club_id, *span)
    for day in stretch.cut:
        around += folding.money_of_part(day, stretch.from_at, stretch.until_at)
    return MoneyFlows(
        by_day=[*around, *stretch.sums.money_by_day],
        by_hour=[*around, *stretch.sums.money_by_hour],
    )


def summed_until(db: Session, club_id: int) -> int:
    """Up to which instant the sums are complete; 0: there are none."""
    return _SUMMED_UNTIL.value(db, club=club_id) or 0


def flows(db: Session, club_id: int, from_at: int, until_at: int) -> list[Flow]:
    """Movements of money by quarters of an hour: the sums that are kept, and the ledger since."""
    summed = summed_until(db, club_id)
    rows = _OF_SUMS_AND_LEDGER.all(
        db,
        club=club_id,
        from_at=from_at,
        summed_at=min(until_at, summed),
        rest_at=max(from_at, summed),
        until_at=until_at,
    )
    return [Flow(at, debit, credit, int(amount)) for at, debit, credit, amount in rows]


def flows_from_ledger(db: Session, club_id: int, from_at: int, until_at: int) -> list[Flow]:
    """The same from the ledger alone, to the second."""
    rows = _OF_LEDGER.all(db, club=club_id, from_at=from_at, until_at=until_at)
    return [Flow(at, debit, credit, int(amount)) for at, debit, credit, amount in rows]


def _lives() -> Query[int, int | None, int]:
    from_at: BindParameter[int] = bindparam("from_at")
    # Most were there before the period, and are still: all of these are one row.
    begin = case((Computer.paired_at < from_at, from_at), else_=Computer.paired_at)
    lived = (
        select(begin.label("from_at"), Computer.revoked_at)
        .where(
            Computer.club_id == bindparam("club"),
            Computer.paired_at < bindparam("until_at"),
            or_(Computer.revoked_at.is_(None), Computer.revoked_at > from_at),
        )
        .subquery()
    )
    return Query(
        select(lived.c.from_at, lived.c.revoked_at, func.count()).group_by(
            lived.c.from_at, lived.c.revoked_at
        )
    )


_LIVES = _lives()
_FIRST_SITTING = Query(
    select(func.min(PlaySession.started_at)).where(PlaySession.club_id == bindparam("club"))
)


def occupation(
    db: Session, stretch: Stretch, days: ClubDays, now: int
) -> dict[tuple[int, int], Occupation]:
    """How much of the PCs' time was taken by sittings (pauses too: nobody else could sit there), by weekday and hour.

    A PC counts from its pairing on, and no hour counts before it has been. At most four statements.
    """
    end_of_all = min(stretch.until_at, rules.quarter_of(now) + QUARTER)
    lives: Counter[tuple[int, int]] = Counter()
    for from_at, revoked_at, count in _LIVES.all(
        db, club=stretch.club_id, from_at=stretch.from_at, until_at=end_of_all
    ):
        lives[from_at, now if revoked_at is None else min(revoked_at, now)] += count
    occupied = folding.Occupied(lives)
    occupied.add(stretch.sums.sat)
    for day in stretch.cut:
        occupied.add_part(day, stretch.from_at, end_of_all)
    taken, there = occupied.taken, occupied.there
    first_sitting = _FIRST_SITTING.value(db, club=stretch.club_id)
    # Before there was a PC or a sitting there is nothing to count: a new club may ask for a whole year.
    begins = [begin for begin, _ in lives] + ([] if first_sitting is None else [first_sitting])
    first = rules.quarter_of(min(begins, default=end_of_all))
    for span_begin, span_end in stretch.open_spans(but_cut=True):
        from_at, until_at = max(span_begin, first), min(span_end, end_of_all)
        if from_at < until_at:
            taken.update(taken_by_quarter(db, stretch.club_id, from_at, until_at, now))
            there.update(rules.lasting_by_quarter(from_at, until_at, lives))
    return rules.occupation_by_hour(days, taken, there)


def taken_by_quarter(
    db: Session, club_id: int, from_at: int, until_at: int, now: int
) -> dict[int, int]:
    """Seconds of sittings in each quarter of an hour."""
    begun, ended = _sittings(db, club_id, from_at, until_at, now)
    return rules.seconds_by_quarter(from_at, until_at, begun, ended)


def _edges() -> Query[str, int, int, int]:
    now: BindParameter[int] = bindparam("now")
    from_at: BindParameter[int] = bindparam("from_at")
    until_at: BindParameter[int] = bindparam("until_at")
    known_end = func.coalesce(PlaySession.ended_at, now)
    longest = PlaySession.started_at + LONGEST_SITTING
    ended_at = case((known_end > longest, longest), else_=known_end)
    begin = case((PlaySession.started_at < from_at, from_at), else_=PlaySession.started_at)
    of_the_period = (
        PlaySession.club_id == bindparam("club"),
        PlaySession.started_at > bindparam("may_reach_from"),
        PlaySession.started_at < until_at,
        # Nobody who began after that sits too long to reach into the period: no more than this is asked of each.
        known_end > from_at,
    )
    # Named once and asked twice: all sittings of the days before are looked through to find those that reach into it.
    sat = (
        select(begin.label("begun_at"), ended_at.label("ended_at")).where(*of_the_period).cte("sat")
    )
    quarter_begun, quarter_ended = _quarter(sat.c.begun_at), _quarter(sat.c.ended_at)
    return Query(
        union_all(
            select(
                literal("begun"), quarter_begun, func.count(), func.sum(sat.c.begun_at)
            ).group_by(quarter_begun),
            select(literal("ended"), quarter_ended, func.count(), func.sum(sat.c.ended_at))
            .where(sat.c.ended_at < until_at)
            .group_by(quarter_ended),
        )
    )


_EDGES = _edges()


def _sittings(
    db: Session, club_id: int, from_at: int, until_at: int, now: int
) -> tuple[list[Edges], list[Edges]]:
    rows = _EDGES.all(
        db,
        club=club_id,
        from_at=from_at,
        until_at=until_at,
        may_reach_from=from_at - LONGEST_SITTING,
        now=now,
    )
    begun = [Edges(at, count, int(total)) for which, at, count, total in rows if which == "begun"]
    ended = [Edges(at, count, int(total)) for which, at, count, total in rows if which == "ended"]
    return begun, ended


class GamePlayed(msgspec.Struct, frozen=True):
    """How often a game or a program was started in a period, and how long it ran."""

    application_id: int
    title: str
    kind: str
    launches: int
    seconds: int


_APPLICATIONS = Query(
    select(Application.id, Application.title, Application.kind).where(
        Application.club_id == bindparam("club")
    )
)


def games(db: Session, stretch: Stretch, now: int) -> list[GamePlayed]:
    """What was started, what ran longest first. What still runs counts up to now. At most three statements."""
    counted = dict(stretch.sums.games)
    for span in stretch.open_spans():
        for application_id, (count, ran) in played(db, stretch.club_id, *span, now).items():
            launches, seconds = counted.get(application_id, (0, 0))
            counted[application_id] = launches + count, seconds + ran
    if not counted:
        return []
    rows = _APPLICATIONS.all(db, club=stretch.club_id)
    found = [
        GamePlayed(row_id, title, kind, *counted[row_id])
        for row_id, title, kind in rows
        if row_id in counted
    ]
    return sorted(
        found, key=lambda game: (-game.seconds, -game.launches, game.title, game.application_id)
    )


def _played() -> Query[int, int, int]:
    now: BindParameter[int] = bindparam("now")

    def up_to(end: ColumnElement[int]) -> ColumnElement[int]:
        return case((end > Launch.started_at, end - Launch.started_at), else_=0)

    # The session is looked up once, and for what still runs only: for a month's launches that is a third of the time.
    in_session = (
        select(up_to(func.coalesce(PlaySession.ended_at, now)))
        .where(PlaySession.id == Launch.session_id)
        .correlate(Launch)
        .scalar_subquery()
    )
    still = func.coalesce(in_session, up_to(now))
    return Query(
        select(
            Launch.application_id,
            func.count(),
            func.sum(func.coalesce(Launch.ran_seconds, still)),
        )
        .where(
            Launch.club_id == bindparam("club"),
            Launch.started_at >= bindparam("from_at"),
            Launch.started_at < bindparam("until_at"),
        )
        .group_by(Launch.application_id)
    )


_PLAYED = _played()


def played(
    db: Session, club_id: int, from_at: int, until_at: int, now: int
) -> dict[int, tuple[int, int]]:
    """Launches and seconds run of what was started in a stretch, by application."""
    rows = _PLAYED.all(db, club=club_id, from_at=from_at, until_at=until_at, now=now)
    return {application_id: (count, int(ran)) for application_id, count, ran in rows}
