"""Codes with which technicians open PCs that have no link: given for the number on the lock, and noted when used."""

from dataclasses import dataclass

from sqlalchemy import select

from lovhub.protocol.entries import MaintenanceEntered, MaintenanceLeft
from lovhub.protocol.upkeep_code import (
    LATE_STEPS,
    STEP_SECONDS,
    digits_of,
    generation_of,
    is_number,
    make_code,
)
from lovhub.server.actor import Actor
from lovhub.server.bus import MaintenanceChanged
from lovhub.server.computers.service import clean_name, lock_computers
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.maintenance import keys, rules, service
from lovhub.server.maintenance.models import Maintenance, MaintenanceCode
from lovhub.server.staff.models import Staff


@dataclass(frozen=True)
class Given:
    """A code, and the instant after which a PC that knows the time does not take it."""

    code: str
    until_at: int


def give(
    club: ClubContext, *, computer_id: int, number: str, minutes: int, reason: str, actor: Actor
) -> Given:
    """The code that opens the PC with this number on its lock, whether or not it is linked; it is the actor's own.

    Raises OperationRefused: `reason_missing`, `text_too_long`, `code_minutes`, `lock_number_wrong`, `forbidden`,
    `computer_unknown`.
    """
    reason = clean_name(reason, rules.LONGEST_REASON + 1)
    number = digits_of(number)
    problem = rules.code_problem(minutes=minutes, reason=reason)
    if problem:
        raise OperationRefused(problem)
    if not is_number(number):
        raise OperationRefused("lock_number_wrong")
    with club.write() as work:
        (computer,) = lock_computers(work, [computer_id])
        generation = generation_of(number, keys.present_generation(work.db, work.club_id))
        if generation is None:
            raise OperationRefused("lock_number_wrong")
        known = keys.keys_for(work.db, club, computer, generation).people
        mine = next((one for one in known if one.person_id == actor.id), None)
        if actor.kind != "staff" or mine is None:
            raise OperationRefused("forbidden")
        work.db.add(
            MaintenanceCode(
                club_id=work.club_id,
                computer_id=computer_id,
                staff_id=mine.person_id,
                lock_number=number,
                minutes=minutes,
                reason=reason,
                given_at=work.now,
            )
        )
        journal.record(
            work, "computer.code_given", actor,
            computer_id=computer_id, reason=reason, seconds=minutes * 60,
        )  # fmt: skip
        code = make_code(
            mine.key, computer_id=computer_id, number=number, minutes=minutes, now=work.now
        )
        last_step = work.now // STEP_SECONDS + LATE_STEPS
        return Given(code, (last_step + 1) * STEP_SECONDS)


def entered(work: Work, computer_id: int, entry: MaintenanceEntered) -> None:
    """A code has opened the PC, perhaps long ago: the person stands there with it as if the desk had opened it."""
    given = work.db.scalars(
        select(MaintenanceCode)
        .where(
            MaintenanceCode.computer_id == computer_id,
            MaintenanceCode.lock_number == entry.lock_number,
            MaintenanceCode.staff_id == entry.person_id,
            MaintenanceCode.minutes == entry.minutes,
            MaintenanceCode.used_at.is_(None),
        )
        .order_by(MaintenanceCode.id.desc())
        .limit(1)
    ).one_or_none()
    person = work.db.get(Staff, entry.person_id)
    name = person.name if person is not None and person.club_id == work.club_id else ""
    at = min(entry.at, work.now)
    if given is None or person is None:
        # Nobody gave this code: the PC's keys are in strange hands, or a backup was restored that knows nothing of it.
        journal.raise_alarm_once(work, "code_unknown", computer_id=computer_id, at=at, detail=name)
        work.tell(MaintenanceChanged(computer_id))
        return
    # A PC that was started without a link may have a wrong clock: it was not before the code was given.
    given.used_at = max(at, given.given_at)
    row = service.begun_by_code(
        work,
        computer_id=computer_id,
        begun_by=given.staff_id,
        reason=given.reason,
        begun_at=given.used_at,
        seconds=given.minutes * 60,
    )
    given.maintenance_id = None if row is None else row.id
    journal.record(
        work, "computer.maintenance_begun", Actor("staff", person.id, person.name, person.role),
        computer_id=computer_id, reason=given.reason, seconds=given.minutes * 60,
        by_code=True, opened_at=given.used_at,
    )  # fmt: skip


def left(work: Work, computer_id: int, entry: MaintenanceLeft) -> None:
    """Whoever a code let in has locked the PC again, before its time was over."""
    row = work.db.scalars(
        select(Maintenance)
        .join(MaintenanceCode, MaintenanceCode.maintenance_id == Maintenance.id)
        .where(
            MaintenanceCode.computer_id == computer_id,
            MaintenanceCode.lock_number == entry.lock_number,
            Maintenance.ended_at.is_(None),
        )
        .limit(1)
    ).one_or_none()
    if row is not None:
        service.ended_at_pc(work, row, ended_at=row.begun_at + max(0, entry.seconds))
