"""What PCs' journals say: numbered facts, delivered at least once, applied exactly once."""

from collections.abc import Sequence

from sqlalchemy import func, select

from lovhub.protocol.entries import (
    AlarmRaised,
    ApplicationExited,
    ApplicationStarted,
    Entry,
    MaintenanceEntered,
    MaintenanceLeft,
    SessionStopped,
    UnknownEntry,
)
from lovhub.server.actor import Actor
from lovhub.server.applications.models import Application
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers import owing
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.maintenance import codes
from lovhub.server.sessions import link
from lovhub.server.sessions.locks import lock_computer
from lovhub.server.sessions.models import PlaySession

LONGEST_DETAIL = 200
LONGEST_BODY = 1000
MOST_AHEAD = 100_000
"""An honest journal counts one by one. A number far ahead would make every later fact look like an old one."""


MOST_OPEN_ALARMS = 20
"""A PC with so many alarms that nobody has closed raises no more: they would only hide those of others."""

MOST_UNKNOWN_A_DAY = 100
"""A PC whose agent has gone back to an earlier version has a few. The log forgets nothing, so none may fill it."""

TOLD_UNKNOWN = "computer.told_unknown"
DAY_SECONDS = 86_400


def apply_entries(
    club: ClubContext, *, computer_id: int, entries: Sequence[Entry | UnknownEntry]
) -> int:
    """Apply the entries that are new, all in one transaction; returns the newest number applied.

    An entry that speaks of a session or program that is not this PC's is passed over: a PC speaks for
    itself only.
    """
    with club.write() as work:
        computer = lock_computer(work, computer_id)
        is_unknown_told = any(isinstance(entry, UnknownEntry) for entry in entries)
        room = _room_for_unknown(work, computer_id) if is_unknown_told else 0
        for entry in sorted(entries, key=lambda entry: entry.number):
            if 0 < entry.number - computer.journal_number <= MOST_AHEAD:
                if isinstance(entry, UnknownEntry):
                    if room > 0:
                        _note_unknown(work, computer, entry)
                    room -= 1
                else:
                    _apply(work, computer_id, entry)
                computer.journal_number = entry.number
        return computer.journal_number


def _apply(work: Work, computer_id: int, entry: Entry) -> None:
    at = min(entry.at, work.now)
    match entry:
        case ApplicationStarted():
            session = _own_session(work, computer_id, entry.session_id)
            if session is not None and _known_application(work, entry.application_id):
                journal.launch_started(
                    work,
                    computer_id=computer_id,
                    session_id=session.id,
                    customer_id=session.customer_id,
                    application_id=entry.application_id,
                    at=at,
                )
        case ApplicationExited():
            if _own_session(work, computer_id, entry.session_id) is not None:
                journal.launch_ended(
                    work,
                    session_id=entry.session_id,
                    application_id=entry.application_id,
                    at=at,
                    ran_seconds=entry.ran_seconds,
                )
        case AlarmRaised():
            if _open_alarms(work, computer_id) < MOST_OPEN_ALARMS:
                journal.raise_alarm(
                    work,
                    entry.kind,
                    computer_id=computer_id,
                    at=at,
                    detail=entry.detail[:LONGEST_DETAIL],
                )
        case SessionStopped():
            link.stopped_by_pc(
                work,
                computer_id=computer_id,
                session_id=entry.session_id,
                played_seconds=entry.played_seconds,
                reason=entry.reason,
            )
        case MaintenanceEntered():
            codes.entered(work, computer_id, entry)
        case MaintenanceLeft():
            codes.left(work, computer_id, entry)


def _room_for_unknown(work: Work, computer_id: int) -> int:
    return (
        MOST_UNKNOWN_A_DAY
        - work.db.scalars(
            select(func.count()).where(
                Event.computer_id == computer_id,
                Event.at > work.now - DAY_SECONDS,
                Event.kind == TOLD_UNKNOWN,
            )
        ).one()
    )


def _note_unknown(work: Work, computer: Computer, entry: UnknownEntry) -> None:
    """A fact that only a newer server understands: it stands in the log as it was told."""
    journal.record(
        work,
        TOLD_UNKNOWN,
        Actor("computer", computer.id, computer.name),
        computer_id=computer.id,
        entry=entry.kind[:LONGEST_DETAIL],
        body=entry.body.decode(errors="replace")[:LONGEST_BODY],
    )


def _own_session(work: Work, computer_id: int, session_id: int) -> PlaySession | None:
    session = work.db.get(PlaySession, session_id)
    if session is None or session.computer_id != computer_id:
        return None
    return session


def _known_application(work: Work, application_id: int) -> bool:
    application = work.db.get(Application, application_id)
    return application is not None and application.club_id == work.club_id


def _open_alarms(work: Work, computer_id: int) -> int:
    work.db.flush()
    return work.db.scalars(
        select(func.count()).where(
            Alarm.club_id == work.club_id,
            Alarm.closed_at.is_(None),
            Alarm.computer_id == computer_id,
            Alarm.kind != owing.LEFT,
        )
    ).one()
