"""Facts for the server: noted in the journal, delivered in order, again until acknowledged."""

import sqlite3
from collections.abc import Callable, Collection
from typing import Literal

import structlog

from lovhub.agent.journal import Journal
from lovhub.protocol.channel import ClientFrame
from lovhub.protocol.channel import Journal as JournalFrame
from lovhub.protocol.entries import (
    KNOWS_CODES,
    AlarmRaised,
    ApplicationExited,
    ApplicationStarted,
    Entry,
    LauncherStalled,
    MaintenanceEntered,
    MaintenanceLeft,
    UnknownEntry,
    written,
)

log = structlog.get_logger("outbox")

AlarmKind = Literal[
    "launcher_killed",
    "launcher_hung",
    "lock_uncovered",
    "false_server",
    "journal_damaged",
    "code_guessed",
]

ALARM_DETAIL_CHARACTERS = 300
ENTRIES_IN_FRAME = 50
BEATS_BEFORE_REPEAT = 2


def understood(entry: Entry | UnknownEntry, knows: Collection[str]) -> Entry | UnknownEntry:
    """The entry as this server takes it: one that has gone back to a version without codes hears of an open lock.

    What a newer version of this agent has written is handed over as it stands: whoever brought that version knows it.
    """
    is_guess = isinstance(entry, AlarmRaised) and entry.kind == "code_guessed"
    of_codes = is_guess or isinstance(entry, MaintenanceEntered | MaintenanceLeft)
    if not of_codes or KNOWS_CODES in knows:
        return entry
    detail = f"technician's code: {type(entry).__name__}"
    return AlarmRaised(number=entry.number, at=entry.at, kind="lock_uncovered", detail=detail)


class Outbox:
    """Knows what has been sent on the present link. `server_now`: the server's time; `knows`: see `channel.Welcome`."""

    def __init__(
        self,
        journal: Journal,
        send: Callable[[ClientFrame], bool],
        server_now: Callable[[], int],
        knows: Callable[[], Collection[str]],
    ) -> None:
        self._journal = journal
        self._knows = knows
        self._server_now = server_now
        self._send = send
        self._sent_number = 0
        self._beats_without_answer = 0
        self.false_server_told = False
        """One alarm for each time that a stranger takes the server's place, not one an attempt."""

    def alarm(self, kind: AlarmKind, detail: str) -> None:
        """The desk must hear of this; `detail` is for the technician."""
        at = self._server_now()
        detail = detail[:ALARM_DETAIL_CHARACTERS]
        self._note(lambda number: AlarmRaised(number=number, at=at, kind=kind, detail=detail))

    def launcher_stalled(self, times: int, longest_seconds: int) -> None:
        """The launcher did not answer for a while, so often, and recovered by itself."""
        at = self._server_now()
        self._note(
            lambda number: LauncherStalled(
                number=number, at=at, times=times, longest_seconds=longest_seconds
            )
        )

    def application_started(self, application_id: int, session_id: int) -> None:
        """The player started a program."""
        at = self._server_now()
        self._note(
            lambda number: ApplicationStarted(
                number=number, at=at, application_id=application_id, session_id=session_id
            )
        )

    def application_exited(self, application_id: int, session_id: int, ran_seconds: int) -> None:
        """A program ended."""
        at = self._server_now()
        self._note(
            lambda number: ApplicationExited(
                number=number,
                at=at,
                application_id=application_id,
                session_id=session_id,
                ran_seconds=ran_seconds,
            )
        )

    def maintenance_left(self, lock_number: str, seconds: int) -> None:
        """A technician who came in by a code has locked the PC again."""
        at = self._server_now()
        self._note(
            lambda number: MaintenanceLeft(
                number=number, at=at, lock_number=lock_number, seconds=seconds
            )
        )

    def _note(self, make: Callable[[int], Entry]) -> None:
        try:
            self._journal.append(make)
        except sqlite3.Error:
            log.exception("journal_not_written")
        self.deliver()

    def restart(self) -> None:
        """A new link: everything not acknowledged is sent."""
        self._sent_number = 0
        self._beats_without_answer = 0
        self.deliver()

    def deliver(self) -> None:
        """Send what has not been sent on this link."""
        while entries := self._journal.pending(after=self._sent_number, limit=ENTRIES_IN_FRAME):
            fitting = tuple(written(understood(entry, self._knows())) for entry in entries)
            if not self._send(JournalFrame(entries=fitting)):
                return
            self._sent_number = entries[-1].number

    def acknowledged(self) -> None:
        """The server answered."""
        self._beats_without_answer = 0

    def beat(self) -> None:
        """At each heartbeat: what stays unanswered is sent once more."""
        if not self._journal.pending(limit=1):
            self._beats_without_answer = 0
            return
        self._beats_without_answer += 1
        if self._beats_without_answer > BEATS_BEFORE_REPEAT:
            self.restart()
