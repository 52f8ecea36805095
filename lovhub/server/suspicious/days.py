"""Keeping who stood in the suspicious report how often, day by day, so that a year costs what a week does."""

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, func, or_, select
from sqlalchemy.orm import Session

from lovhub.server.context import ClubContext, Work
from lovhub.server.database.prepared import Query
from lovhub.server.database.watermark import keep_one_by_one
from lovhub.server.journal.models import Event
from lovhub.server.reports.folding import day_of
from lovhub.server.reports.rules import DAY
from lovhub.server.suspicious.happened import ALL, going_on, happened
from lovhub.server.suspicious.models import LeadsUntil, SuspiciousDay
from lovhub.server.suspicious.tally import Tally, tally

AT_ONCE = 14
"""How many days are kept in a row."""

_OF_CLUB = SuspiciousDay.club_id == bindparam("club")
_FIRST = select(func.min(SuspiciousDay.day_at)).where(_OF_CLUB).scalar_subquery()
_NEWEST = (
    select(func.max(SuspiciousDay.day_at))
    .where(_OF_CLUB, SuspiciousDay.day_at <= bindparam("last"))
    .scalar_subquery()
)
_ENDS = Query(
    select(SuspiciousDay.day_at, SuspiciousDay.sums)
    .where(
        _OF_CLUB,
        or_(
            SuspiciousDay.day_at == bindparam("before"),
            SuspiciousDay.day_at == _NEWEST,
            SuspiciousDay.day_at == _FIRST,
        ),
    )
    .order_by(SuspiciousDay.day_at)
)
"""The first day, the one before a period, and the newest up to its last one: in one statement, all of one moment."""


def kept(db: Session, club_id: int, from_at: int, until_at: int) -> tuple[int, int, Tally]:
    """Of the days of this period that are kept: from when, until when, and what happened in them.

    With none of them both instants are the end of the period. Two statements; where PCs are on without an agent still,
    four more at most.
    """
    first_day, last_day = -(-from_at // DAY) * DAY, day_of(until_at) - DAY
    ends = _ends(db, club_id, first_day - DAY, last_day)
    if ends:
        first_day = max(first_day, min(ends))
        last_day = min(last_day, max(ends))
    if not ends or last_day < first_day:
        return until_at, until_at, Tally()
    found = ends[last_day].since(ends.get(first_day - DAY, Tally()))
    end = last_day + DAY
    # How long these have gone on is not kept yet.
    found.add(_only_how_long(db, club_id, first_day, end))
    return first_day, end, found


def keep_days(club: ClubContext) -> None:
    """Keep the days that are over and of which all leads are kept, which is a quarter of an hour after its end."""
    keep_one_by_one(club, AT_ONCE, find=_next_day, lock=_lock, keep=_keep)


def _keep(work: Work, day_at: int) -> None:
    sums = _up_to_end_of(work.db, work.club_id, day_at).pack()
    work.db.add(SuspiciousDay(club_id=work.club_id, day_at=day_at, sums=sums))


def reopen(work: Work, at: int) -> None:
    """Something is written now of an earlier instant: the days from there on must be counted again.

    A PC hands in an alarm that it raised while it had no link, or a stretch ends of which it was not known how long it
    would be. What is written of today needs no call.
    """
    if at < day_of(work.now):
        work.at_last(_Reopening(day_of(at)))


@dataclass(frozen=True)
class _Reopening:
    """At the operation's end, or its part's: who locked this row in the midst of others would wait in a ring."""

    day_at: int

    def __call__(self, work: Work) -> None:
        _lock(work)
        drop(work, self.day_at)


def forget_all(work: Work) -> None:
    """Drop all days of the club; they are kept again from what is there. After sessions are locked."""
    _lock(work)
    drop(work, 0)


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
    parts = happened(db, club_id, day_at, day_at + DAY, most=ALL, only_what_is_over=True)
    found.add(tally((one.person_id, one.judged) for part in parts for one in part.findings))
    return found


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
    # By what the server itself has written: an alarm has the time that a PC tells.
    first_at = db.scalar(select(func.min(Event.at)).where(Event.club_id == club_id))
    return None if first_at is None else day_of(first_at)


def _lock(work: Work) -> bool:
    """Keeping and dropping wait for each other, so that no day is kept beside somebody who writes into it."""
    work.db.execute(
        select(LeadsUntil.until_at).where(LeadsUntil.club_id == work.club_id).with_for_update()
    )
    return True
