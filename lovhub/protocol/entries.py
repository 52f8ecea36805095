"""What happened on a PC: entries of its journal, numbered, kept on its disk until the server acknowledges them."""

from typing import Literal

import msgspec

from lovhub.protocol.views import SessionEnd


class JournalEntry(msgspec.Struct, frozen=True, tag_field="entry"):
    """One numbered fact. `at` is the server's time as the PC reckons it, in UTC epoch seconds."""

    number: int
    at: int


class ApplicationStarted(JournalEntry, frozen=True, tag="application_started"):
    """The player started a program."""

    application_id: int
    session_id: int


class ApplicationExited(JournalEntry, frozen=True, tag="application_exited"):
    """A program ended after `ran_seconds`."""

    application_id: int
    session_id: int
    ran_seconds: int


class AlarmRaised(JournalEntry, frozen=True, tag="alarm_raised"):
    """Something the desk must see. `kind` is one of those below; `detail` is for the technician."""

    kind: Literal[
        "launcher_killed",
        "launcher_hung",
        "lock_uncovered",
        "false_server",
        "clock_moved",
        "journal_damaged",
        "code_guessed",
    ]
    detail: str = ""


class SessionStopped(JournalEntry, frozen=True, tag="session_stopped"):
    """The PC closed the session by itself, at its lease's end or at zero."""

    session_id: int
    played_seconds: int
    reason: SessionEnd


class MaintenanceEntered(JournalEntry, frozen=True, tag="maintenance_entered"):
    """A technician's code has opened the PC. `lock_number`: the one on the lock that it answered.

    `person_id`: whose code it was.
    """

    lock_number: str
    person_id: int
    minutes: int


class MaintenanceLeft(JournalEntry, frozen=True, tag="maintenance_left"):
    """The technician has locked it again before the end, `seconds` after the code that answered `lock_number`."""

    lock_number: str
    seconds: int


KNOWS_CODES = "maintenance_codes"
"""In `welcome.knows`: the server takes `maintenance_entered`, `maintenance_left` and the alarm `code_guessed`."""

Entry = (
    ApplicationStarted
    | ApplicationExited
    | AlarmRaised
    | SessionStopped
    | MaintenanceEntered
    | MaintenanceLeft
)
