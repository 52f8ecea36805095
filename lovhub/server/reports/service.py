"""Keeping sums up to date: money by quarters of an hour, and closed days. They can be made anew at any time."""

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext, Work
from lovhub.server.database.watermark import advance, keep_one_by_one
from lovhub.server.ledger.models import LedgerPosting
from lovhub.server.reports import book_days, books, folding, series
from lovhub.server.reports.folding import FORTNIGHT, Day, day_of
from lovhub.server.reports.models import BookDay, ClosedDay, ClosedFortnight, MoneyFlow, SummedUntil
from lovhub.server.reports.rules import DAY, HOUR, QUARTER, quarter_of
from lovhub.server.sessions.models import IS_LIVE, PlaySession

AT_ONCE_SECONDS = 7 * 24 * 3600
"""A club that comes with a long history is summed up week by week, and nobody waits for it."""

CLOSED_AT_ONCE = 7
"""How many days are closed in a row, each in a transaction of its own: others write in between."""


def sum_up(club: ClubContext) -> None:
    """Add the quarters of an hour that are over to the sums.

    The last one is left to the ledger for another quarter of an hour: an operation under way may still be booked
    in it. Where the clock has been set back, the sums after now are dropped and made again as time comes there.
    """
    goal = quarter_of(club.clock.now()) - QUARTER
    with club.read() as db:
        until = db.scalar(select(SummedUntil.until_at).where(SummedUntil.club_id == club.club_id))
        start = _first_quarter(db, club.club_id) if until is None else until
        if start is None or goal == start or (until is None and goal < start):
            return
        goal = min(goal, start + AT_ONCE_SECONDS)
        flows = series.flows_from_ledger(db, club.club_id, start, goal)
    with club.write() as work:
        if not advance(work, SummedUntil, until, goal):
            return  # another node was quicker
        if goal < start:
            work.db.execute(
                delete(MoneyFlow).where(
                    MoneyFlow.club_id == work.club_id, MoneyFlow.quarter_at >= goal
                )
            )
            _reopen_from(work, goal)
            work.db.execute(
                delete(BookDay).where(BookDay.club_id == work.club_id, BookDay.day_at > goal - DAY)
            )
        if flows:
            work.db.execute(
                insert(MoneyFlow),
                [
                    {
                        "club_id": work.club_id,
                        "quarter_at": flow.at,
                        "debit_kind": flow.debit,
                        "credit_kind": flow.credit,
                        "amount_tiyn": flow.amount_tiyn,
                    }
                    for flow in flows
                ],
            )


def close_days(club: ClubContext) -> None:
    """Sum up the days that are over and in which no sitting goes on any more, one after the other, and fortnights."""
    for find, close in ((_closable_day, _close_day), (_closable_fortnight, _close_fortnight)):
        keep_one_by_one(club, CLOSED_AT_ONCE, find=find, lock=_lock, keep=close)


def _close_day(work: Work, day_at: int) -> None:
    span = (day_at, day_at + DAY)
    kept = folding.sums_of_day(
        day_at,
        series.flows(work.db, work.club_id, *span),
        series.taken_by_quarter(work.db, work.club_id, *span, work.now),
        series.played(work.db, work.club_id, *span, work.now),
    )
    work.db.add(ClosedDay(club_id=work.club_id, day_at=day_at, **kept._asdict()))


def _close_fortnight(work: Work, from_at: int) -> None:
    rows = work.db.execute(
        select(ClosedDay.day_at, ClosedDay.hours, ClosedDay.programs)
        .where(
            ClosedDay.club_id == work.club_id,
            ClosedDay.day_at >= from_at,
            ClosedDay.day_at < from_at + FORTNIGHT,
        )
        .order_by(ClosedDay.day_at)
    )
    sums = folding.fortnight([Day.read(at, HOUR, *kept) for at, *kept in rows])
    work.db.add(ClosedFortnight(club_id=work.club_id, from_at=from_at, sums=sums))


def _closable_fortnight(db: Session, club_id: int) -> int | None:
    """The one after the last; before there is any, the first of which all days are closed."""
    of_club = ClosedFortnight.club_id == club_id
    last = db.scalar(select(func.max(ClosedFortnight.from_at)).where(of_club))
    first_day = db.scalar(select(func.min(ClosedDay.day_at)).where(ClosedDay.club_id == club_id))
    last_day = _last_closed_day(db, club_id)
    if first_day is None or last_day is None:
        return None
    from_at = last + FORTNIGHT if last is not None else -(-first_day // FORTNIGHT) * FORTNIGHT
    return from_at if from_at + FORTNIGHT <= last_day + DAY else None


def close_book_days(club: ClubContext) -> None:
    """Sum up the days of the books that are over, one after the other.

    What is read has been written for good (`sum_up` waits for that), so only the summed row is written under the lock.
    """
    for _ in range(CLOSED_AT_ONCE):
        with club.read() as db:
            last = _last_book_day(db, club.club_id)
            day_at = _first_book_day(db, club.club_id) if last is None else last.at + DAY
            if day_at is None or day_at + DAY > series.summed_until(db, club.club_id):
                return
            sums = book_days.sums_of_day(
                day_at,
                {} if last is None else book_days.owed_after(last),
                books.of_ledger(db, club.club_id, day_at, day_at + DAY),
            )
        with club.write() as work:
            _lock(work)
            newest = _last_book_day(work.db, work.club_id)
            if (newest and newest.at) != (last and last.at) or (
                day_at + DAY > series.summed_until(work.db, work.club_id)
            ):
                return  # another node was quicker, or the clock was set back
            work.db.add_all(
                BookDay(
                    club_id=work.club_id,
                    cut=cut,
                    day_at=day_at,
                    hours=kept.hours,
                    quarters=kept.quarters,
                )
                for cut, kept in sums.items()
            )


def _last_book_day(db: Session, club_id: int) -> book_days.BookDay | None:
    found = db.execute(
        select(BookDay.day_at, BookDay.hours)
        .where(BookDay.club_id == club_id, BookDay.cut == "owed")
        .order_by(BookDay.day_at.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    day_at, kept = found
    return book_days.BookDay.read(day_at, "owed", kept, HOUR)


def _first_book_day(db: Session, club_id: int) -> int | None:
    first = _first_quarter(db, club_id)
    return None if first is None else day_of(first)


def reopen(work: Work, at: int) -> None:
    """Something is written now of an earlier instant: the days from there on must be summed up again.

    A PC hands in late what was started while it had no link. What is written of today needs no call.
    """
    if at >= day_of(work.now):
        return
    _lock(work)
    day_at = day_of(at)
    if work.db.get(ClosedDay, (work.club_id, day_at)) is not None:
        _reopen_from(work, day_at)


def closed_until(work: Work) -> int:
    """All before this instant is summed up; that stays so until the operation ends."""
    _lock(work)
    last = _last_closed_day(work.db, work.club_id)
    return 0 if last is None else last + DAY


def _reopen_from(work: Work, at: int) -> None:
    """But days of which launches are gone (`retention/`): what was started then is counted here only."""
    gone_until = work.db.get_one(Club, work.club_id).launches_gone_until or 0
    work.db.execute(
        delete(ClosedFortnight).where(
            ClosedFortnight.club_id == work.club_id, ClosedFortnight.from_at > at - FORTNIGHT
        )
    )
    work.db.execute(
        delete(ClosedDay).where(
            ClosedDay.club_id == work.club_id,
            ClosedDay.day_at > at - DAY,
            ClosedDay.day_at >= gone_until,
        )
    )


def _lock(work: Work) -> bool:
    """Closing and reopening wait for each other, so that no day is closed beside somebody who writes into it."""
    work.db.execute(
        select(SummedUntil.until_at).where(SummedUntil.club_id == work.club_id).with_for_update()
    )
    return True


def _closable_day(db: Session, club_id: int) -> int | None:
    """The day after the last closed one, if it may be closed.

    Its money must be summed, which comes a quarter of an hour after its end at the earliest: who writes of it later
    says so (`reopen`). And its sittings must have ended: they ended when they were found to have, never before.
    """
    last = _last_closed_day(db, club_id)
    day_at = _first_day(db, club_id) if last is None else last + DAY
    if day_at is None or day_at + DAY > series.summed_until(db, club_id):
        return None
    # Those that go on are as many as PCs; those that began before this day, all that the club has ever had.
    going_on = db.scalars(
        select(PlaySession.started_at).where(PlaySession.club_id == club_id, IS_LIVE)
    ).all()
    return day_at if min(going_on, default=day_at + DAY) >= day_at + DAY else None


def _last_closed_day(db: Session, club_id: int) -> int | None:
    return db.scalar(select(func.max(ClosedDay.day_at)).where(ClosedDay.club_id == club_id))


def _first_day(db: Session, club_id: int) -> int | None:
    firsts = (
        select(func.min(LedgerPosting.at)).where(LedgerPosting.club_id == club_id),
        select(func.min(PlaySession.started_at)).where(PlaySession.club_id == club_id),
    )
    found = [at for at in map(db.scalar, firsts) if at is not None]
    return day_of(min(found)) if found else None


def _first_quarter(db: Session, club_id: int) -> int | None:
    first = db.scalar(select(func.min(LedgerPosting.at)).where(LedgerPosting.club_id == club_id))
    return None if first is None else quarter_of(first)
