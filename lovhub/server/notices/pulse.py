"""Signs of life for somebody outside the club: who raises the alarm when they stop coming.

No server can tell of its own death, nor of a dead line. A sign goes out only while the database takes writes: a server
that cannot work counts as dead.
"""

import structlog

from lovhub.server.context import ClubContext
from lovhub.server.jobs.scheduler import Job
from lovhub.server.notices.letters import SendFailed
from lovhub.server.notices.ways import Outpost
from lovhub.server.watching.readiness import problem_of

PULSE_SECONDS = 60.0

log = structlog.get_logger("notices")


class Pulse:
    """Gives a sign of life each minute; nothing where nobody waits for one."""

    def __init__(self, club: ClubContext, outpost: Outpost | None) -> None:
        self._club = club
        self._outpost = outpost
        self._problem = ""

    def jobs(self) -> list[Job]:
        """What the scheduler is to do."""
        return [] if self._outpost is None else [Job("pulse", PULSE_SECONDS, self.beat)]

    def beat(self) -> None:
        """One sign of life, if there is life in it."""
        if self._outpost is None:
            return
        problem = problem_of(self._club.database)
        if not problem:
            try:
                self._outpost.tell()
            except SendFailed as failure:
                problem = failure.code
        if problem != self._problem:
            log.warning("pulse_silent", why=problem) if problem else log.warning("pulse_again")
            self._problem = problem
