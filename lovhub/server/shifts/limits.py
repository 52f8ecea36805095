"""How much time without money one person may give in a shift."""

from sqlalchemy import func, select

from lovhub.server.actor import Actor
from lovhub.server.club.models import Club
from lovhub.server.context import Work
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.models import LedgerPosting, LedgerTransfer
from lovhub.server.reports.rules import ClubDays
from lovhub.server.shifts import rules
from lovhub.server.shifts.models import Shift
from lovhub.server.staff import rights
from lovhub.server.staff.models import Staff


def check_given_time(work: Work, seconds: int, actor: Actor) -> None:
    """Refused with `given_time_limit`. Counted from the open shift's beginning; without one, from the working day's."""
    if actor.kind != "staff" or rights.may(actor.role, "give_more_time"):
        return
    one_at_a_time(work, actor)
    club = work.db.get_one(Club, work.club_id)
    given = work.db.scalar(
        select(func.sum(LedgerTransfer.amount))
        .select_from(LedgerPosting)
        .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
        .where(
            LedgerPosting.club_id == work.club_id,
            LedgerPosting.at >= since(work),
            LedgerPosting.kind == "time_granted",
            LedgerPosting.actor_kind == actor.kind,
            LedgerPosting.actor_id == actor.id,
            LedgerTransfer.unit == "second",
        )
    )
    problem = rules.given_time_problem(
        given_seconds=int(given or 0),
        seconds=seconds,
        limit_minutes=club.given_minutes_per_shift,
    )
    if problem:
        raise OperationRefused(problem)


def one_at_a_time(work: Work, actor: Actor) -> None:
    """What one person gives waits for what they are giving: two at once would each not see the other's yet."""
    work.db.execute(select(Staff.id).where(Staff.id == actor.id).with_for_update(key_share=True))


def since(work: Work) -> int:
    """From when on is counted what one person may give: the open shift's beginning, else the working day's."""
    opened_at = work.db.scalar(
        select(Shift.opened_at).where(Shift.club_id == work.club_id, Shift.closed_at.is_(None))
    )
    if opened_at is not None:
        return opened_at
    club = work.db.get_one(Club, work.club_id)
    days = ClubDays(club.time_zone, club.day_starts_at)
    return days.begin(days.day_of(work.now))
