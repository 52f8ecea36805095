"""A thread that does the server's own work, each job at its own interval on the injected clock.

Of several servers on one database only the one that leads does it, but for jobs that look after a server itself.

It looks at the clock four times a second in real time, so that a test that moves the clock sees the effect
at once. A job that fails is logged and tried again at its next turn; it never takes the others with it.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from lovhub.clock import Clock

log = structlog.get_logger("jobs")

LOOK_SECONDS = 0.25
REMIND_SECONDS = 60.0
"""A job that goes on failing (a full disk) is not logged at each of its turns."""


@dataclass(frozen=True)
class Job:
    """Something to do every `every_seconds`, and once more `at_stop`; `everywhere`: by each server for itself."""

    name: str
    every_seconds: float
    work: Callable[[], None]
    at_stop: bool = False
    everywhere: bool = False


class Scheduler:
    """Runs jobs until it is stopped. `leads`: whether this server is the one that does what one must do."""

    def __init__(
        self, clock: Clock, jobs: Sequence[Job], leads: Callable[[], bool] = lambda: True
    ) -> None:
        self._clock = clock
        self._jobs = jobs
        self._leads = leads
        self._next = {job.name: clock.monotonic() for job in jobs}
        self._complained_at: dict[str, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin, if there is anything to do."""
        if self._jobs:
            self._thread.start()

    def stop(self) -> None:
        """End, after the job under way. A second time changes nothing."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def run_last(self) -> None:
        """After the stop: what must not wait for the next start."""
        for job in self._jobs:
            if job.at_stop and (job.everywhere or self._leads()):
                self._do(job)

    def run_due(self) -> None:
        """Do whatever is due at this moment."""
        for job in self._jobs:
            now = self._clock.monotonic()
            if now >= self._next[job.name] and (job.everywhere or self._leads()):
                self._next[job.name] = now + job.every_seconds
                self._do(job)

    def _do(self, job: Job) -> None:
        try:
            job.work()
        except Exception:
            now = self._clock.monotonic()
            if now - self._complained_at.get(job.name, -REMIND_SECONDS) >= REMIND_SECONDS:
                self._complained_at[job.name] = now
                log.exception("job_failed", job=job.name)
        else:
            if self._complained_at.pop(job.name, None) is not None:
                log.warning("job_works_again", job=job.name)

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self.run_due()
