"""Opening a PC without a customer, and closing it again. No money moves, and no bought time."""

from sqlalchemy import bindparam, select

from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.bus import MaintenanceChanged
from lovhub.server.computers.service import clean_name, lock_computers
from lovhub.server.context import ClubContext, Work
from lovhub.server.database.prepared import Query
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.maintenance import rules
from lovhub.server.maintenance.models import Maintenance
from lovhub.server.sessions.models import IS_LIVE, PlaySession

_OPEN = Query(
    select(Maintenance).where(
        Maintenance.club_id == bindparam("club"),
        Maintenance.computer_id == bindparam("computer"),
        Maintenance.ended_at.is_(None),
    )
)


def begin(club: ClubContext, *, computer_id: int, minutes: int, reason: str, actor: Actor) -> int:
    """Open the PC for so many minutes; returns the opening's number.

    Raises OperationRefused: `reason_missing`, `text_too_long`, `maintenance_minutes`, `computer_unknown`,
    `maintenance_open`, `computer_busy`, `computer_silent`.
    """
    reason = clean_name(reason, rules.LONGEST_REASON + 1)
    problem = rules.problem(minutes=minutes, reason=reason)
    if problem:
        raise OperationRefused(problem)
    if actor.kind != "staff" or actor.id is None:
        raise OperationRefused("forbidden")
    with club.write() as work:
        lock_computers(work, [computer_id])
        _end_if_over(work, computer_id)
        refused = rules.refusal(
            is_taken=_is_taken(work, computer_id),
            is_open=_open_row(work, computer_id) is not None,
            is_linked=work.links.is_linked(computer_id),
        )
        if refused:
            raise OperationRefused(refused)
        row = Maintenance(
            club_id=work.club_id,
            computer_id=computer_id,
            begun_by=actor.id,
            reason=reason,
            begun_at=work.now,
            until_at=work.now + minutes * 60,
        )
        work.db.add(row)
        work.db.flush()
        journal.record(
            work, "computer.maintenance_begun", actor,
            computer_id=computer_id, reason=reason, seconds=minutes * 60,
        )  # fmt: skip
        work.tell(MaintenanceChanged(computer_id))
        return row.id


def end(club: ClubContext, *, computer_id: int, actor: Actor) -> None:
    """Lock the PC again; one that is not open stays as it is.

    Raises OperationRefused: `computer_unknown`.
    """
    with club.write() as work:
        lock_computers(work, [computer_id])
        row = _open_row(work, computer_id)
        if row is not None:
            _end(work, row, actor)


def end_over(club: ClubContext) -> None:
    """Note the end of those whose time has come; one short query if there are none."""
    with club.read() as db:
        over = db.scalars(
            select(Maintenance.computer_id).where(
                Maintenance.club_id == club.club_id,
                Maintenance.ended_at.is_(None),
                Maintenance.until_at <= club.clock.now(),
            )
        ).all()
    if not over:
        return
    with club.write() as work:
        for computer in lock_computers(work, over):
            _end_if_over(work, computer.id)


def begun_by_code(
    work: Work, *, computer_id: int, begun_by: int, reason: str, begun_at: int, seconds: int
) -> Maintenance | None:
    """A code has opened the PC at `begun_at`, it may be long ago. None: it is open already, or somebody plays there."""
    _end_if_over(work, computer_id)
    if _open_row(work, computer_id) is not None or _is_taken(work, computer_id):
        return None
    row = Maintenance(
        club_id=work.club_id,
        computer_id=computer_id,
        begun_by=begun_by,
        reason=reason,
        begun_at=begun_at,
        until_at=begun_at + seconds,
    )
    work.db.add(row)
    work.db.flush()
    work.tell(MaintenanceChanged(computer_id))
    return row


def ended_at_pc(work: Work, row: Maintenance, *, ended_at: int) -> None:
    """The PC says that it was locked again at `ended_at`, before the end."""
    _end(work, row, SYSTEM, at=ended_at)


def check_closed(work: Work, row: Maintenance | None) -> None:
    """Refuse to seat anybody at a (locked) PC that a technician works at: `computer_in_maintenance`.

    `row`: the opening that has not ended, if the PC has one.
    """
    if row is None:
        return
    if not rules.is_over(row.until_at, work.now):
        raise OperationRefused("computer_in_maintenance")
    _end(work, row, SYSTEM)


def _end_if_over(work: Work, computer_id: int) -> None:
    row = _open_row(work, computer_id)
    if row is not None and rules.is_over(row.until_at, work.now):
        _end(work, row, SYSTEM)


def _end(work: Work, row: Maintenance, actor: Actor, at: int | None = None) -> None:
    # The PC locks itself at that instant, whenever the server gets to writing it down.
    row.ended_at = min(work.now if at is None else at, work.now, row.until_at)
    work.db.flush()
    journal.record(
        work, "computer.maintenance_ended", actor,
        computer_id=row.computer_id, seconds=row.ended_at - row.begun_at,
    )  # fmt: skip
    work.tell(MaintenanceChanged(row.computer_id))


def _open_row(work: Work, computer_id: int) -> Maintenance | None:
    return _OPEN.value(work.db, club=work.club_id, computer=computer_id)


def _is_taken(work: Work, computer_id: int) -> bool:
    taken = select(PlaySession.id).where(PlaySession.computer_id == computer_id, IS_LIVE)
    return work.db.scalar(taken.limit(1)) is not None
