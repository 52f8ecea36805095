"""What the self-checks last found, for every page to show without a question to anything."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import structlog

from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.jobs.scheduler import Job
from lovhub.server.status import facts, rules
from lovhub.server.status.rules import Facts, Finding

log = structlog.get_logger("status")

FRESH_SECONDS = 60.0
PATIENCE_SECONDS = 5.0


class Pressure(Protocol):
    """As much of the gate before Flask's threads as the board asks for."""

    @property
    def turned_away_lately(self) -> int:
        """Requests that were turned away within the last ten minutes."""
        ...


class Following(Protocol):
    """As much of the continuous copy as the board asks for."""

    def behind_seconds(self, now: int) -> int | None:
        """By how much it is late; None if nobody has asked for one."""
        ...


class Lookout(Protocol):
    """As much of the look at the network as the board asks for."""

    @property
    def hidden_computers(self) -> tuple[str, ...]:
        """PCs of whose networks this server sees nothing."""
        ...


class Board:
    """Facts and findings of the club in the folder `data`: at most a minute old, and of an overload as it is."""

    def __init__(
        self,
        club: ClubContext,
        data: Path,
        pressure: Pressure | None = None,
        continuous: Following | None = None,
        lookout: Lookout | None = None,
    ) -> None:
        self._club = club
        self._data = data
        self._pressure = pressure
        self._continuous = continuous
        self._lookout = lookout
        self._lock = threading.Lock()
        self._facts: Facts | None = None
        self._findings: list[Finding] = []
        self._at = 0.0
        self._thread: threading.Thread | None = None

    @property
    def known(self) -> list[Finding]:
        """What was found last; costs nothing."""
        return self._findings

    @property
    def known_facts(self) -> Facts | None:
        """What was seen last; None before the first look."""
        return self._facts

    def look(self, *, deep: bool = False) -> tuple[Facts, list[Finding]]:
        """What is found now; gathered anew if it is older than a minute, or `deep`."""
        if not self._lock.acquire(timeout=PATIENCE_SECONDS):
            # Somebody is looking, and a dead folder keeps them: what was seen before must do.
            if self._facts is None:
                raise OperationRefused("status_slow")
            return self._facts, self._findings
        try:
            now = self._club.clock.monotonic()
            seen = self._facts
            if seen is None or deep or now - self._at >= FRESH_SECONDS:
                gathered = facts.gather(
                    self._data,
                    self._club.database,
                    self._club.clock,
                    club_id=self._club.club_id,
                    deep=deep,
                )
                behind = self._continuous.behind_seconds(gathered.now) if self._continuous else None
                hidden = self._lookout.hidden_computers if self._lookout else ()
                seen = replace(gathered, log_behind_seconds=behind, hidden_computers=hidden)
                self._at = now
            # An overload is of this moment, and costs nothing to know.
            seen = replace(seen, turned_away=self._turned_away())
            if seen != self._facts:
                self._facts, self._findings = seen, rules.judge(seen)
            return seen, self._findings
        finally:
            self._lock.release()

    def _turned_away(self) -> int:
        return self._pressure.turned_away_lately if self._pressure else 0

    def jobs(self) -> list[Job]:
        """Look again every minute, in a thread of its own: a dead network folder must hold up nothing."""
        return [Job("status", FRESH_SECONDS, self._look_aside, everywhere=True)]

    def _look_aside(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._look_quietly, name="status", daemon=True)
            self._thread.start()

    def _look_quietly(self) -> None:
        try:
            self.look()
        except Exception:
            log.exception("status_failed")
