"""Keeping who stood in the suspicious report how often, day by day, so that a year costs what a week does."""

from sqlalchemy import bindparam, delete, func, or_, select
from sqlalchemy.orm import Session

from lovhub.server.context import ClubContext, Work
from lovhub.server.database.prepared import Query
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.reports.folding import day_of
from lovhub.server.reports.rules import DAY
from lovhub.server.suspicious.happened import ALL, going_on, happened
from lovhub.server.suspicious.models import LeadsUntil, SuspiciousDay
from lovhub.server.suspicious.tally import Tally, tally

AT_ONCE = 14
"""How many days are kept in a row, each in a transaction of its own: others write in between."""

_NEWEST = (
    select(func.max(SuspiciousDay.day_at))
    .where(SuspiciousDay.club_id == bindparam("club"), SuspiciousDay.day_at <= bindparam("last"))
    .scalar_subquery()
)
_ENDS = Query(
    select(SuspiciousDay.day_at, SuspiciousDay.sums).where(
        SuspiciousDay.club_id == bindparam("club"),
        or_(SuspiciousDay.day_at == bindparam("before"), SuspiciousDay.day_at == _NEWEST),
    )
)
"""The day before a period, and the newest up to its last one: in one statement, so that both are of one moment."""


def kept(db: Session, club_id: int, from_at: int, until_at: int) -> tuple[int, int, Tally]:
    """Of the days of this period that are kept: from when, until when, and what happened in them.

    With none of them both instants are the end of the period. Two statements; where PCs are on without an agent still,
    four more at most.
    """
    first_day = -(-from_at // DAY) * DAY
    ends = _ends(db, club_id, first_day - DAY, day_of(until_at) - DAY)
    last_day = max(ends, default=-1)
    if last_day < first_day:
        return until_at, until_at, Tally()
    # Before the first day that is kept there was nothing.
    found = ends[last_day].since(ends.get(first_day - DAY, Tally()))
    end = last_day + DAY
    # How long these have gone on is not kept yet.
    found.add(_only_how_long(db, club_id, first_day, end))
    return first_day, end, found


def keep_days(club: ClubContext) -> None:
    """Keep the days that are over and of which all leads are kept, which is a quarter of an hour after its end."""
    for _ in range(AT_ONCE):
        with club.read() as db:
            if _next_day(db, club.club_id) is None:
                return
        with club.write() as work:
            _lock(work)
            day_at = _next_day(work.db, work.club_id)
            if day_at is None:
                return  # another node was quicker
            work.db.add(
                SuspiciousDay(
                    club_id=work.club_id,
                    day_at=day_at,
                    sums=_up_to_end_of(work.db, work.club_id, day_at).pack(),
                )
            )


def reopen(work: Work, at: int) -> None:
    """Something is written now of an earlier instant: the days from there on must be counted again.

    A PC hands in an alarm that it raised while it had no link, or a stretch ends of which it was not known how long it
    would be. What is written of today needs no call.
    """
    if at >= day_of(work.now):
        return
    _lock(work)
    drop(work, day_of(at))


def drop(work: Work, at: int) -> None:
    """Drop the days that are not over at this instant."""
    work.db.execute(
        delete(SuspiciousDay).where(
            SuspiciousDay.club_id == work.club_id, SuspiciousDay.day_at > at - DAY
        )
    )


def _ends(db: Session, club_id: int, before: int, last: int) -> dict[int, Tally]:
    rows = _ENDS.all(db, club=club_id, before=before, last=last)
    return {day_at: Tally.unpack(sums) for day_at, sums in rows}


def _up_to_end_of(db: Session, club_id: int, day_at: int) -> Tally:
    before = day_at - DAY
    found = _ends(db, club_id, before, before).get(before, Tally())
    end = day_at + DAY
    parts = happened(db, club_id, day_at, end, most=ALL)
    found.add(tally((one.person_id, one.judged) for part in parts for one in part.findings))
    return found.since(_only_how_long(db, club_id, day_at, end))


def _only_how_long(db: Session, club_id: int, from_at: int, until_at: int) -> Tally:
    """Of PCs that are on without an agent still, how long each has been so, but not the line that it has."""
    found = Tally()
    for one in going_on(db, club_id, from_at, until_at):
        found.count(one.person_id, one.judged, times=0)
    return found


def _next_day(db: Session, club_id: int) -> int | None:
    """The day after the last that is kept, if it may be."""
    last = db.scalar(select(func.max(SuspiciousDay.day_at)).where(SuspiciousDay.club_id == club_id))
    until_at = db.scalar(select(LeadsUntil.until_at).where(LeadsUntil.club_id == club_id))
    day_at = _first_day(db, club_id) if last is None else last + DAY
    if day_at is None or until_at is None or day_at + DAY > until_at:
        return None
    return day_at


def _first_day(db: Session, club_id: int) -> int | None:
    firsts = [
        db.scalar(select(func.min(row.at)).where(row.club_id == club_id)) for row in (Event, Alarm)
    ]
    return min((day_of(at) for at in firsts if at is not None), default=None)


def _lock(work: Work) -> None:
    """Keeping and dropping wait for each other, so that no day is kept beside somebody who writes into it."""
    work.db.execute(
        select(LeadsUntil.until_at).where(LeadsUntil.club_id == work.club_id).with_for_update()
    )
