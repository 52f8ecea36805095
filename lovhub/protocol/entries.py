"""What happened on a PC: entries of its journal, numbered, kept on its disk until the server acknowledges them.

A newer version may have written some before this one came back. What is not understood (`UnknownEntry`) is kept as it
was written, and told the server in its turn; a server that does not understand it either notes it in the log.
"""

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


class LauncherStalled(JournalEntry, frozen=True, tag="launcher_stalled"):
    """The launcher did not answer for a while and recovered by itself, `times` times since this was told last."""

    times: int
    longest_seconds: int


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
    | LauncherStalled
    | SessionStopped
    | MaintenanceEntered
    | MaintenanceLeft
)


class UnknownEntry(msgspec.Struct, frozen=True):
    """A fact of a kind that another version knows; `body`: all of it, as it was written."""

    number: int
    at: int
    kind: str
    body: bytes


class _Head(msgspec.Struct, frozen=True):
    """What every entry has, of whatever version."""

    number: int
    at: int
    entry: str


_decoder: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)


def read_entry(body: bytes | msgspec.Raw) -> Entry | UnknownEntry:
    """The entry that was written so; raises msgspec.MsgspecError for what is none in any version."""
    try:
        return _decoder.decode(body)
    except msgspec.ValidationError:
        head = msgspec.json.decode(body, type=_Head)
        return UnknownEntry(head.number, head.at, head.entry, bytes(body))


def written(entry: Entry | UnknownEntry) -> msgspec.Raw:
    """The entry as it lies on the disk and goes over the channel."""
    if isinstance(entry, UnknownEntry):
        return msgspec.Raw(entry.body)
    return msgspec.Raw(msgspec.json.encode(entry))
