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
    ]
    detail: str = ""


class SessionStopped(JournalEntry, frozen=True, tag="session_stopped"):
    """The PC closed the session by itself, at its lease's end or at zero."""

    session_id: int
    played_seconds: int
    reason: SessionEnd


Entry = ApplicationStarted | ApplicationExited | AlarmRaised | SessionStopped
