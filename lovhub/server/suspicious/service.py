"""Writing down what the live picture of the hall shows of PCs that are on without anybody's name, and leads."""

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from lovhub.server.actor import SYSTEM
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext
from lovhub.server.database.watermark import advance
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Event
from lovhub.server.ledger.models import LedgerPosting
from lovhub.server.live import Unattended
from lovhub.server.reports.rules import QUARTER, quarter_of
from lovhub.server.suspicious import days, favours, unproven
from lovhub.server.suspicious.models import Lead, LeadsUntil
from lovhub.server.suspicious.pcs import Watch

AT_ONCE_SECONDS = 14 * 24 * 3600
"""A club that comes with a long history is looked through by parts, and nobody waits for it."""


def look(club: ClubContext, watch: Watch, unattended: Unattended) -> None:
    """One look at the hall. Writes only what is new: a PC that is on for a day is one row, not one for each look."""
    with club.read() as db:
        minutes = club_service.get(db, club.club_id).on_without_session_minutes
    noticed = watch.look(unattended, now=club.clock.monotonic(), idle_seconds=minutes * 60)
    if not noticed:
        return
    with club.write() as work:
        for one in noticed:
            journal.record(work, one.kind, SYSTEM, computer_id=one.computer_id, seconds=one.seconds)


def keep_leads(club: ClubContext) -> None:
    """Look through what came since, but for the last quarter of an hour, in which somebody may be writing still.

    Where the clock has been set back, leads after now are dropped, and are found again as time comes there.
    """
    goal = quarter_of(club.clock.now()) - QUARTER
    with club.read() as db:
        until = db.scalar(select(LeadsUntil.until_at).where(LeadsUntil.club_id == club.club_id))
        start = _begin(db, club.club_id) if until is None else until
        if start is None or goal == start or (until is None and goal < start):
            return
        goal = min(goal, start + AT_ONCE_SECONDS)
        found = {
            "again": favours.again_and_again(db, club.club_id, start, goal),
            "unproven": unproven.postings(db, club.club_id, start, goal),
        }
    with club.write() as work:
        if not advance(work, LeadsUntil, until, goal):
            return  # another node was quicker
        if goal < start:
            work.db.execute(delete(Lead).where(Lead.club_id == work.club_id, Lead.at >= goal))
            days.drop(work, goal)
        rows = [
            {"club_id": work.club_id, "kind": kind, "at": at, "ref_id": ref_id}
            for kind, leads in found.items()
            for at, ref_id in sorted(leads)
        ]
        if rows:
            work.db.execute(insert(Lead), rows)


def _begin(db: Session, club_id: int) -> int | None:
    firsts = (
        select(func.min(Event.at)).where(Event.club_id == club_id),
        select(func.min(LedgerPosting.at)).where(LedgerPosting.club_id == club_id),
    )
    found = [at for at in map(db.scalar, firsts) if at is not None]
    return quarter_of(min(found)) if found else None
