"""Keeping the sums of the ledger up to date. They can be made anew at any time; the ledger is the truth."""

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from lovhub.server.context import ClubContext, Work
from lovhub.server.ledger.models import LedgerPosting
from lovhub.server.reports import series
from lovhub.server.reports.models import MoneyFlow, SummedUntil
from lovhub.server.reports.rules import QUARTER, quarter_of

AT_ONCE_SECONDS = 7 * 24 * 3600
"""A club that comes with a long history is summed up week by week, and nobody waits for it."""


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
        rows = db.execute(series.ledger_flows(club.club_id, start, goal)).all()
    with club.write() as work:
        if not _advance(work, until, goal):
            return  # another node was quicker
        if goal < start:
            work.db.execute(
                delete(MoneyFlow).where(
                    MoneyFlow.club_id == work.club_id, MoneyFlow.quarter_at >= goal
                )
            )
        if rows:
            work.db.execute(
                insert(MoneyFlow),
                [
                    {
                        "club_id": work.club_id,
                        "quarter_at": at,
                        "debit_kind": debit,
                        "credit_kind": credit,
                        "amount_tiyn": int(amount),
                    }
                    for at, debit, credit, amount in rows
                ],
            )


def _first_quarter(db: Session, club_id: int) -> int | None:
    first = db.scalar(select(func.min(LedgerPosting.at)).where(LedgerPosting.club_id == club_id))
    return None if first is None else quarter_of(first)


def _advance(work: Work, before: int | None, until: int) -> bool:
    """Whether the sums were still at `before`; they are at `until` now."""
    if before is None:
        if work.db.get(SummedUntil, work.club_id) is not None:
            return False
        work.db.add(SummedUntil(club_id=work.club_id, until_at=until))
        work.db.flush()
        return True
    moved = work.db.scalar(
        update(SummedUntil)
        .where(SummedUntil.club_id == work.club_id, SummedUntil.until_at == before)
        .values(until_at=until)
        .returning(SummedUntil.club_id)
    )
    return moved is not None
