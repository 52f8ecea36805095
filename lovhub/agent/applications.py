"""Programs of the player: started, watched, and closed at the session's end with all they started."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from lovhub.agent.platform import ProcessGroup, start_group
from lovhub.clock import Clock
from lovhub.protocol.views import ApplicationView

log = structlog.get_logger("applications")

POLITE_SECONDS = 3.0
"""A program asked to end has so long before it is ended."""

POLL_SECONDS = 0.05


class ApplicationHandler(Protocol):
    """What the agent does when a program ends."""

    def application_exited(self, application_id: int, session_id: int, ran_seconds: int) -> None:
        """The program ended by itself or was closed."""
        ...


@dataclass(frozen=True)
class _Running:
    application_id: int
    session_id: int
    group: ProcessGroup
    started_monotonic: float
    watcher: "asyncio.Task[None]"


class Applications:
    """The running programs."""

    def __init__(self, handler: ApplicationHandler, clock: Clock) -> None:
        self._handler = handler
        self._clock = clock
        self._running: dict[int, _Running] = {}
        self._offspring: list[ProcessGroup] = []
        """Groups whose program has ended while something it started still runs."""

    @property
    def running_ids(self) -> tuple[int, ...]:
        """The programs that run, in the order of their start."""
        return tuple(self._running)

    async def start(self, application: ApplicationView, session_id: int) -> None:
        """Start it; raises OSError."""
        executable = Path(application.exe_path)
        group = await start_group(
            [application.exe_path, *application.arguments],
            folder=executable.parent if executable.is_absolute() else None,
        )
        self._running[application.application_id] = _Running(
            application_id=application.application_id,
            session_id=session_id,
            group=group,
            started_monotonic=self._clock.monotonic(),
            watcher=asyncio.create_task(self._watch(application.application_id, group)),
        )
        log.info("application_started", application_id=application.application_id, pid=group.pid)

    async def close_all(self) -> None:
        """Close every program: politely first, then all that is left of it."""
        groups = [running.group for running in self._running.values()] + self._offspring
        watchers = [running.watcher for running in self._running.values()]
        self._offspring = []
        if not groups:
            return
        for group in groups:
            group.ask_to_end()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + POLITE_SECONDS
        while any(group.alive() for group in groups) and loop.time() < deadline:
            await asyncio.sleep(POLL_SECONDS)
        for group in groups:
            group.kill()
        await asyncio.gather(*watchers)

    async def _watch(self, application_id: int, group: ProcessGroup) -> None:
        await group.wait()
        running = self._running.pop(application_id)
        if group.alive():
            self._offspring.append(group)
        else:
            group.release()
        self._offspring = [left for left in self._offspring if left.alive()]
        self._handler.application_exited(
            application_id,
            running.session_id,
            int(self._clock.monotonic() - running.started_monotonic),
        )
