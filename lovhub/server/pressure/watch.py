"""Tells people, once, of an overload that goes on."""

from lovhub.server.context import ClubContext
from lovhub.server.jobs.scheduler import Job
from lovhub.server.journal import service as journal
from lovhub.server.pressure import rules
from lovhub.server.pressure.gate import Gate

LOOK_SECONDS = 5.0


class OverloadWatch:
    """Looks at the gate now and then. What the loop's clock says of the gate is compared by the club's clock."""

    def __init__(self, club: ClubContext, gate: Gate) -> None:
        self._club = club
        self._gate = gate
        self._since: float | None = None
        self._alarmed_at: float | None = None

    def jobs(self) -> list[Job]:
        """What the scheduler is to do."""
        return [Job("overload", LOOK_SECONDS, self.look, everywhere=True)]

    def look(self) -> None:
        """Raise an alarm where one is due."""
        now = self._club.clock.monotonic()
        if self._gate.overloaded_since is None:
            self._since = None
            return
        if self._since is None:
            self._since = now
        if rules.is_worth_an_alarm(self._since, self._alarmed_at, now):
            with self._club.write() as work:
                journal.raise_alarm(work, "overloaded")
            self._alarmed_at = now
