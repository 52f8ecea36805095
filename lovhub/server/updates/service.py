"""Offering the new version to PCs, what they say of it, and stopping the whole."""

from sqlalchemy import func, select

from lovhub.server.actor import Actor
from lovhub.server.computers.models import Computer
from lovhub.server.computers.service import clean_name
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.updates import rules
from lovhub.server.updates.models import ComputerUpdate, UpdatePlan

_LONGEST_CODE = 40
_REPORTED = {
    "done": "computer.update_done",
    "refused": "computer.update_refused",
    "rolled_back": "computer.update_rolled_back",
}
"""What a PC may say → the event that tells of it."""


def hold(club: ClubContext, *, actor: Actor) -> None:
    """No further PC is offered the new version; those that are at it go on. Twice is once."""
    with club.write() as work:
        if _set_held(work, held=True, why="by_hand"):
            journal.record(work, "updates.held", actor)


def allow(club: ClubContext, *, actor: Actor) -> None:
    """PCs are offered the new version from now on. Twice is once."""
    with club.write() as work:
        if _set_held(work, held=False, why=""):
            journal.record(work, "updates.allowed", actor)


def try_again(club: ClubContext, *, computer_id: int, actor: Actor) -> None:
    """The PC is offered once more what it has refused or gone back from.

    Raises OperationRefused: `update_not_failed`.
    """
    with club.write() as work:
        row = _row(work, computer_id)
        if row is None or row.state not in {"refused", "rolled_back"}:
            raise OperationRefused("update_not_failed")
        row.state, row.why, row.changed_at = "again", "", work.now
        journal.record(
            work, "computer.update_again", actor, computer_id=computer_id, version=row.version
        )


def offered(club: ClubContext, *, computer_id: int, version: str) -> bool:
    """It is this PC's turn; returns whether people have asked for another try of this version there."""
    with club.write() as work:
        row = _row(work, computer_id)
        if row is None:
            row = ComputerUpdate(
                computer_id=computer_id,
                club_id=work.club_id,
                version=version,
                state="",
                why="",
                changed_at=work.now,
            )
            work.db.add(row)
        is_again = row.state == "again" and row.version == version
        row.version, row.state, row.why, row.changed_at = version, "offered", "", work.now
        return is_again


def told(
    club: ClubContext, *, computer_id: int, version: str, state: str, why: str, actor: Actor
) -> None:
    """The PC says what became of the version that it was offered; anything else it says changes nothing."""
    why = clean_name(why, _LONGEST_CODE)
    with club.write() as work:
        row = _row(work, computer_id)
        if row is None or state not in _REPORTED or row.version != version:
            return
        if (row.state, row.why) == (state, why) or row.state == "again":
            return
        if state == "refused":
            if row.state != "offered":
                return
            if why == "busy":
                work.db.delete(row)  # somebody was quicker: it waits for another turn
                return
        row.state, row.why, row.changed_at = state, why, work.now
        journal.record(
            work,
            _REPORTED[state],
            actor,
            computer_id=computer_id,
            version=version,
            why=why,
        )
        if state == "rolled_back":
            journal.raise_alarm_once(work, "update_rolled_back", computer_id=computer_id)
            _stop_if_bad(work, version)


def _stop_if_bad(work: Work, version: str) -> None:
    work.db.flush()
    count = select(func.count()).where(
        ComputerUpdate.club_id == work.club_id,
        ComputerUpdate.version == version,
        ComputerUpdate.state == "rolled_back",
    )
    if rules.stops_all(work.db.scalars(count).one()) and _set_held(
        work, held=True, why="rolled_back"
    ):
        journal.raise_alarm(work, "updates_stopped")


def _set_held(work: Work, *, held: bool, why: str) -> bool:
    """Whether that is news."""
    row = work.db.get(UpdatePlan, work.club_id)
    if row is None:
        row = UpdatePlan(club_id=work.club_id, held=False, why="", changed_at=work.now)
        work.db.add(row)
    if row.held == held:
        return False
    row.held, row.why, row.changed_at = held, why, work.now
    return True


def _row(work: Work, computer_id: int) -> ComputerUpdate | None:
    """What is known of a PC of the club; raises OperationRefused: `computer_unknown`."""
    computer = work.db.get(Computer, computer_id)
    if computer is None or computer.club_id != work.club_id or computer.revoked_at is not None:
        raise OperationRefused("computer_unknown")
    return work.db.get(ComputerUpdate, computer_id)
