"""Technicians' codes at this PC: the number on the lock, and whether what was typed answers it. No link is needed.

Tries are counted on disk before they are looked at, so that neither a restart nor a pulled plug gives any back; what
a right code has opened is on disk before the PC opens. If the disk takes nothing, no code opens.
"""

import sqlite3
from collections.abc import Callable

import msgspec
import structlog

from lovhub.agent.journal import Journal
from lovhub.agent.outbox import AlarmKind
from lovhub.agent.store import IdentityStore
from lovhub.agent.tries import FREE_TRIES, Tries
from lovhub.clock import Clock
from lovhub.protocol.entries import MaintenanceEntered
from lovhub.protocol.upkeep_code import Said, new_number, read_code
from lovhub.protocol.views import AnswerCode

log = structlog.get_logger("maintenance")

SHOWN_SECONDS = 600.0
"""After so long the lock shows another number; the one before it is still answered for as long again."""

TRIES_BETWEEN_ALARMS = 10
REMEMBERED_NUMBERS = 1000

_TRIES = "code_tries"
_USED = "code_numbers_used"


def is_told(tries: int) -> bool:
    """Whether the desk hears of the try of this number: of the first few once, then of every tenth."""
    return tries == FREE_TRIES or (tries > 0 and tries % TRIES_BETWEEN_ALARMS == 0)


class UpkeepCodes:
    """`server_now`: the server's time; `is_time_known`: it was told, and not read off this PC's clock."""

    def __init__(
        self,
        journal: Journal,
        store: IdentityStore,
        clock: Clock,
        *,
        server_now: Callable[[], int],
        is_time_known: Callable[[], bool],
        alarm: Callable[[AlarmKind, str], None],
    ) -> None:
        self._journal = journal
        self._store = store
        self._clock = clock
        self._server_now = server_now
        self._is_time_known = is_time_known
        self._alarm = alarm
        self._number = ""
        self._number_before = ""
        self._generation = 0
        self._shown_at = 0.0
        self._tries = Tries(journal, clock, _TRIES)

    def number(self) -> str:
        """What the lock shows to whoever wants a code; "" where no code would open."""
        keys = self._store.upkeep_keys()
        if self._store.membership() is None or not keys.people:
            self._number = self._number_before = ""
            return ""
        shown_for = self._clock.monotonic() - self._shown_at
        if not self._number or keys.generation != self._generation:
            self._begin(keys.generation, before="")
        elif shown_for >= SHOWN_SECONDS:
            fresh = self._number if shown_for < 2 * SHOWN_SECONDS else ""
            self._begin(keys.generation, before=fresh)
        return self._number

    def enter(self, typed: str) -> tuple[Said, str] | AnswerCode:
        """Whose code it is, for how long, and which number it answers; or why the PC stays locked."""
        number, membership = self.number(), self._store.membership()
        if not number or membership is None:
            return "wrong_code"
        if self._tries.must_wait:
            return "too_many_attempts"
        try:
            tries = self._tries.begin()
        except sqlite3.Error:
            log.exception("journal_not_written")
            return "server_error"
        read = read_code(
            typed,
            self._store.upkeep_keys().people,
            computer_id=membership.computer_id,
            numbers=[one for one in (number, self._number_before) if one],
            now=self._server_now() if self._is_time_known() else None,
        )
        if read is None:
            self._tries.was_wrong(tries)
            log.warning("maintenance_code_wrong", tries=tries)
            if is_told(tries):
                self._alarm("code_guessed", str(tries))
            return "wrong_code"
        return read if self._is_written(*read) else "server_error"

    def _is_written(self, said: Said, lock_number: str) -> bool:
        at = self._server_now()
        used = [*self._used(), lock_number][-REMEMBERED_NUMBERS:]
        try:
            self._journal.append(
                lambda number: MaintenanceEntered(
                    number=number,
                    at=at,
                    lock_number=lock_number,
                    person_id=said.person.person_id,
                    minutes=said.minutes,
                ),
                facts={_TRIES: "0", _USED: msgspec.json.encode(used).decode()},
            )
        except sqlite3.Error:
            log.exception("journal_not_written")
            return False
        self._number = self._number_before = ""
        log.info("maintenance_by_code", person_id=said.person.person_id, minutes=said.minutes)
        return True

    def _begin(self, generation: int, *, before: str) -> None:
        self._number_before = before
        self._number = new_number(generation, self._used())
        self._generation = generation
        self._shown_at = self._clock.monotonic()

    def _used(self) -> list[str]:
        return msgspec.json.decode(self._journal.fact(_USED) or "[]", type=list[str])
