"""Writing down which PCs are on without their agent: when it is told, that it goes on, and its end."""

from collections.abc import Collection

from sqlalchemy import select

from lovhub.server.actor import SYSTEM
from lovhub.server.bus import WithoutAgentChanged
from lovhub.server.context import ClubContext, Work
from lovhub.server.journal import service as journal
from lovhub.server.suspicious import days as suspicious_days
from lovhub.server.without_agent.models import WithoutAgent
from lovhub.server.without_agent.rules import MOST_SINGLE_ALARMS, Plan


def note(club: ClubContext, plan: Plan) -> None:
    """Do what is planned, in one transaction."""
    with club.write() as work:
        rows = _open_rows(work, {*plan.begun, *plan.still, *plan.over})
        for computer_id, seen_at in plan.still.items():
            if computer_id in rows:
                rows[computer_id].seen_at = seen_at
        for computer_id in plan.over:
            if computer_id in rows:
                _end(work, rows[computer_id])
        new = {pc: times for pc, times in plan.begun.items() if pc not in rows}
        for computer_id, (began_at, seen_at) in new.items():
            _begin(work, computer_id, began_at, seen_at)
        if len(new) > MOST_SINGLE_ALARMS:
            journal.raise_alarm(work, "many_without_agent", computers=len(new))
        else:
            for computer_id in new:
                journal.raise_alarm_once(work, "on_without_agent", computer_id=computer_id)
        if new or plan.over:
            work.tell(WithoutAgentChanged())


def _begin(work: Work, computer_id: int, began_at: int, seen_at: int) -> None:
    row = WithoutAgent(
        club_id=work.club_id, computer_id=computer_id, began_at=began_at, seen_at=seen_at
    )
    work.db.add(row)
    work.db.flush()
    journal.record(
        work, "computer.on_without_agent", SYSTEM,
        computer_id=computer_id, stretch_id=row.id, since_at=began_at,
    )  # fmt: skip


def _end(work: Work, row: WithoutAgent) -> None:
    row.ended_at = row.seen_at
    suspicious_days.reopen(work, row.began_at)
    journal.record(
        work, "computer.without_agent_over", SYSTEM,
        computer_id=row.computer_id, since_at=row.began_at, until_at=row.ended_at,
    )  # fmt: skip


def _open_rows(work: Work, computer_ids: Collection[int]) -> dict[int, WithoutAgent]:
    rows = work.db.scalars(
        select(WithoutAgent).where(
            WithoutAgent.club_id == work.club_id,
            WithoutAgent.computer_id.in_(computer_ids),
            WithoutAgent.ended_at.is_(None),
        )
    )
    return {row.computer_id: row for row in rows}
