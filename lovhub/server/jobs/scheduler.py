"""A thread that does the server's own work, each job at its own interval on the injected clock.

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


@dataclass(frozen=True)
class Job:
    """Something to do every `every_seconds`."""

    name: str
    every_seconds: float
    work: Callable[[], None]


class Scheduler:
    """Runs jobs until it is stopped."""

    def __init__(self, clock: Clock, jobs: Sequence[Job]) -> None:
        self._clock = clock
        self._jobs = jobs
        self._next = {job.name: clock.monotonic() for job in jobs}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the job under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def run_due(self) -> None:
        """Do whatever is due at this moment."""
        for job in self._jobs:
            now = self._clock.monotonic()
            if now < self._next[job.name]:
                continue
            self._next[job.name] = now + job.every_seconds
            try:
                job.work()
            except Exception:
                log.exception("job_failed", job=job.name)

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self.run_due()
