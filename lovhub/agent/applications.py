"""Programs of the player: started, watched, closed at the session's end with all they started."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec
import psutil
import structlog

from lovhub.agent.platform import (
    ProcessGroup,
    adopt_group,
    write_private_file,
)
from lovhub.agent.seat import Seat
from lovhub.agent.watched import WatchedGame
from lovhub.clock import Clock
from lovhub.protocol.views import ApplicationView

log = structlog.get_logger("applications")

POLITE_SECONDS = 3.0
"""A program asked to end has so long before it is ended."""

POLL_SECONDS = 0.05
PROGRAMS_FILE = "programs.json"


class ApplicationHandler(Protocol):
    """What the agent does when a program ends."""

    def application_exited(self, application_id: int, session_id: int, ran_seconds: int) -> None:
        """The program ended by itself or was closed."""
        ...


@dataclass(frozen=True)
class _Running:
    application_id: int
    session_id: int
    group: "ProcessGroup | WatchedGame"
    started_monotonic: float
    watcher: "asyncio.Task[None]"


class _Noted(msgspec.Struct, frozen=True):
    """A running program on disk, for the agent that comes after this one."""

    application_id: int
    session_id: int
    pid: int
    created_at: float
    started_monotonic: float
    watch: tuple[str, ...] = ()


class Applications:
    """The running programs."""

    def __init__(
        self, handler: ApplicationHandler, clock: Clock, data_folder: Path, seat: Seat
    ) -> None:
        self._seat = seat
        self._handler = handler
        self._notes_file = data_folder / PROGRAMS_FILE
        self._clock = clock
        self._running: dict[int, _Running] = {}
        self._offspring: list[ProcessGroup | WatchedGame] = []
        """Groups whose program has ended while something it started still runs."""

    @property
    def running_ids(self) -> tuple[int, ...]:
        """The programs that run, in the order of their start."""
        return tuple(self._running)

    async def start(self, application: ApplicationView, session_id: int) -> None:
        """Start it from the first place where it is to be had; raises OSError."""
        group = await _start(application, self._seat)
        self._take_up(application.application_id, session_id, group, self._clock.monotonic())
        self._write_notes()
        log.info("application_started", application_id=application.application_id, pid=group.pid)

    def adopt(self) -> None:
        """Take up the programs that an agent before this one left running."""
        try:
            notes = msgspec.json.decode(self._notes_file.read_bytes(), type=list[_Noted])
        except (OSError, msgspec.MsgspecError):
            return
        for noted in notes:
            group = (
                WatchedGame(noted.watch, self._seat)
                if noted.watch
                else adopt_group(noted.pid, noted.created_at)
            )
            if group is not None:
                self._take_up(
                    noted.application_id, noted.session_id, group, noted.started_monotonic
                )

    def _take_up(
        self,
        application_id: int,
        session_id: int,
        group: ProcessGroup | WatchedGame,
        started_monotonic: float,
    ) -> None:
        self._running[application_id] = _Running(
            application_id=application_id,
            session_id=session_id,
            group=group,
            started_monotonic=started_monotonic,
            watcher=asyncio.create_task(self._watch(application_id, group)),
        )

    def _write_notes(self) -> None:
        notes = []
        for running in self._running.values():
            watch = running.group.names if isinstance(running.group, WatchedGame) else ()
            try:
                created_at = 0.0 if watch else psutil.Process(running.group.pid).create_time()
            except psutil.Error:
                continue  # it ended a moment ago; its watcher is about to say so
            notes.append(
                _Noted(
                    application_id=running.application_id,
                    session_id=running.session_id,
                    pid=running.group.pid,
                    created_at=created_at,
                    started_monotonic=running.started_monotonic,
                    watch=watch,
                )
            )
        try:
            write_private_file(self._notes_file, msgspec.json.encode(notes))
        except OSError as error:
            log.warning("programs_not_noted", reason=str(error))

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
        while (  # noqa: ASYNC110 - nobody tells of a whole group's end
            any(group.alive() for group in groups) and loop.time() < deadline
        ):
            await asyncio.sleep(POLL_SECONDS)
        for group in groups:
            group.kill()
        await asyncio.gather(*watchers)

    async def _watch(self, application_id: int, group: ProcessGroup | WatchedGame) -> None:
        await group.wait()
        running = self._running.pop(application_id)
        if group.alive():
            self._offspring.append(group)
        else:
            group.release()
        self._offspring = [left for left in self._offspring if left.alive()]
        self._write_notes()
        self._handler.application_exited(
            application_id,
            running.session_id,
            int(self._clock.monotonic() - running.started_monotonic),
        )


async def _start(application: ApplicationView, seat: Seat) -> ProcessGroup | WatchedGame:
    """From the first of its places; raises the last place's OSError if it can be had from none."""
    places = [application.exe_path, *application.other_paths]
    for place in places:
        try:
            if "://" in place:
                await asyncio.to_thread(seat.open_address, place)
                return WatchedGame(application.watch, seat)
            executable = Path(place)
            group = await seat.start(
                [place, *application.arguments],
                folder=executable.parent if executable.is_absolute() else None,
            )
        except OSError:
            if place == places[-1]:
                raise
        else:
            return WatchedGame(application.watch, seat, group) if application.watch else group
    raise FileNotFoundError(application.title)
