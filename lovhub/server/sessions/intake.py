"""What PCs' journals say: numbered facts, delivered at least once, applied exactly once."""

from collections.abc import Sequence

from sqlalchemy import func, select

from lovhub.protocol.entries import (
    AlarmRaised,
    ApplicationExited,
    ApplicationStarted,
    Entry,
    LauncherStalled,
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

MOST_STALLED_A_DAY = 30
"""An agent tells of launchers that hung for a moment once an hour."""

MOST_STALLS = 1_000_000
"""No honest PC tells of more, nor of a longer one in seconds."""

TOLD_UNKNOWN = "computer.told_unknown"
STALLED = "computer.launcher_stalled"
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
        room = _Room(work, computer_id)
        for entry in sorted(entries, key=lambda entry: entry.number):
            if 0 < entry.number - computer.journal_number <= MOST_AHEAD:
                if isinstance(entry, UnknownEntry):
                    if room.takes(TOLD_UNKNOWN, MOST_UNKNOWN_A_DAY):
                        _note_unknown(work, computer, entry)
                elif isinstance(entry, LauncherStalled):
                    if room.takes(STALLED, MOST_STALLED_A_DAY):
                        _note_stalled(work, computer, entry)
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


class _Room:
    """How many more lines of a kind a PC may have in the log today. Counted once: what is written is not yet there."""

    def __init__(self, work: Work, computer_id: int) -> None:
        self._work = work
        self._computer_id = computer_id
        self._left: dict[str, int] = {}

    def takes(self, kind: str, most_a_day: int) -> bool:
        """Whether one more may be written."""
        if kind not in self._left:
            self._left[kind] = most_a_day - self._written(kind)
        self._left[kind] -= 1
        return self._left[kind] >= 0

    def _written(self, kind: str) -> int:
        return self._work.db.scalars(
            select(func.count()).where(
                Event.computer_id == self._computer_id,
                Event.at > self._work.now - DAY_SECONDS,
                Event.kind == kind,
            )
        ).one()


def _note_stalled(work: Work, computer: Computer, entry: LauncherStalled) -> None:
    """Nobody need come: it answers again. A PC that does so day after day is too slow, or its launcher is."""
    journal.record(
        work,
        STALLED,
        Actor("computer", computer.id, computer.name),
        computer_id=computer.id,
        times=min(max(entry.times, 1), MOST_STALLS),
        longest_seconds=min(max(entry.longest_seconds, 1), MOST_STALLS),
        happened_at=min(max(entry.at, 0), work.now),
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
