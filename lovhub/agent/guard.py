"""Keeps the launcher alive: starts it, notices its death or silence, raises the alarm."""

import asyncio
import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

import msgspec
import psutil
import structlog

from lovhub.agent.local_server import LocalServer
from lovhub.agent.platform import ProcessGroup, write_private_file
from lovhub.agent.seat import NobodyThere, Seat
from lovhub.agent.silence import Silence, Stalls
from lovhub.clock import Clock
from lovhub.loading import own_command
from lovhub.protocol.views import LockState

log = structlog.get_logger("guard")

ATTACH_SECONDS = 20.0
"""A launcher must attach so soon after its start; a loaded PC may need several seconds for it."""

UNCOVERED_SECONDS = 2.0
"""The launcher has so long to cover the screen after the mode changed."""

RESTART_SECONDS = 1.0
"""At most one start in this time; the first restart comes at once."""

SESSION_LOOK_SECONDS = 0.5
"""How often it is asked who is signed in: a launcher belongs into their session."""

SIGNED_OUT = 0x40010004
"""With this exit code Windows ends the programs of whoever signs out."""

LEAVING_SECONDS = 3.0
"""Whoever signs out of Windows takes the launcher along, some time before the session is gone."""

POLL_SECONDS = 0.1
LAUNCHER_FILE = "launcher.json"

_LEFT: list[ProcessGroup] = []
"""Launchers that go on without this agent: asyncio would end them with the last that is held of them."""

GuardAlarm = Literal["launcher_killed", "launcher_hung", "lock_uncovered"]


class GuardHandler(Protocol):
    """What the agent does when the guard notices something."""

    def guard_alarm(self, kind: GuardAlarm, detail: str) -> None:
        """The desk must hear of it."""
        ...

    def lock_changed(self) -> None:
        """`Guard.lock` says something new."""
        ...

    def launcher_stalled(self, times: int, longest_seconds: int) -> None:
        """It was silent and recovered, so often since this was told last: for the log, nobody need come."""
        ...


class _StartedLauncher(msgspec.Struct, frozen=True):
    """The launcher of an agent that may have been killed since: pid and start time identify it.

    `before`: one of an earlier agent, which covered the screen until this one came.
    """

    pid: int
    created_at: float
    before: "_StartedLauncher | None" = None


def launcher_command(endpoint: str) -> list[str]:
    """How the launcher is started; its token goes over standard input, where nobody can read it."""
    return own_command("launcher", "--socket", endpoint, "--agent-pid", str(os.getpid()))


def launcher_left_behind(record: Path) -> _StartedLauncher | None:
    """What an earlier agent has started: it holds the screen but can no longer attach."""
    try:
        return msgspec.json.decode(record.read_bytes(), type=_StartedLauncher)
    except (OSError, msgspec.MsgspecError):
        return None  # there was none


def end_launcher(left: _StartedLauncher | None) -> None:
    """End it, and those before it, as far as they still run."""
    while left is not None:
        with contextlib.suppress(psutil.Error):
            if (process := _process_of(left)) is not None:
                process.kill()
        left = left.before


def only_oldest(left: _StartedLauncher | None) -> _StartedLauncher | None:
    """Of those that still run, the one that has covered longest; the others are ended.

    Or an agent that is killed again and again before its launcher attaches would leave one more each time.
    """
    kept: _StartedLauncher | None = None
    while left is not None:
        one, left = msgspec.structs.replace(left, before=None), left.before
        if _process_of(one) is not None:
            end_launcher(kept)
            kept = one
    return kept


def _process_of(left: _StartedLauncher) -> psutil.Process | None:
    try:
        process = psutil.Process(left.pid)
        return process if abs(process.create_time() - left.created_at) < 1 else None
    except psutil.Error:
        return None


def remember_launcher(record: Path, pid: int, before: _StartedLauncher | None = None) -> None:
    """Write down which ones have to be ended once the next agent's own is there."""
    try:
        created_at = psutil.Process(pid).create_time()
        started = _StartedLauncher(pid=pid, created_at=created_at, before=before)
        write_private_file(record, msgspec.json.encode(started))
    except (OSError, psutil.Error) as error:
        log.warning("launcher_not_remembered", reason=str(error))


class Guard:
    """Watches one launcher. `clock`: real time, see `Silence`."""

    def __init__(
        self,
        local_server: LocalServer,
        handler: GuardHandler,
        data_folder: Path,
        command: Sequence[str],
        seat: Seat,
        clock: Clock,
    ) -> None:
        self._local_server = local_server
        self._handler = handler
        self._record = data_folder / LAUNCHER_FILE
        self._left: _StartedLauncher | None = None
        self._command = command
        self._seat = seat
        self._session: int | None = 0
        self._stranger = ""
        self._looked_at_session = float("-inf")
        self._steady = clock
        self._process: ProcessGroup | None = None
        self._stopping = asyncio.Event()
        self._attached = False
        self._heard = False  # the attached launcher has said at least once whether it covers
        self._silence = Silence(clock)
        self._stalls = Stalls(clock)
        self._covering = False
        self._must_cover = True
        self._must_cover_since = self._steady.monotonic()
        self._in_trouble = False  # an alarm was raised and no healthy launcher has been seen since
        self._uncovered_told = False
        self._last_lock: LockState = "broken"

    @property
    def lock(self) -> LockState:
        """The lock as far as the launcher's word goes."""
        is_believed = self._attached and self._heard and not self._silence.is_doubted
        if (self._session is not None and not is_believed) or self._uncovered():
            return "broken"
        if not self._must_cover:
            return "unlocked"
        if self._session is None or self._covering:
            return "locked"
        return "unlocked" if self._last_lock == "unlocked" else "broken"  # not proved so far

    def attached(self) -> None:
        """A launcher has attached with the right token."""
        self._attached = True
        self._heard = False
        self._covering = False
        self._silence.attached()
        self._must_cover_since = self._steady.monotonic()
        self._end_left()  # not before: it covers the screen until this one does

    def alive(self, *, covering: bool) -> None:
        """The launcher said that it lives."""
        if stalled_seconds := self._silence.word():
            log.info("launcher_stalled", seconds=round(stalled_seconds, 1))
            self._stalls.over(stalled_seconds)
        self._heard = True
        self._covering = covering
        self._in_trouble = False
        self._look()

    def must_cover(self, must: bool) -> None:  # noqa: FBT001 - reads as a sentence
        """Whether the lock has to be up in the present mode."""
        if must != self._must_cover:
            self._must_cover = must
            self._covering = False  # only what is said from now on proves it
            self._must_cover_since = self._steady.monotonic()
            self._look()

    async def run(self) -> None:
        """Start the launcher and keep it running, until `stop`."""
        self._left = only_oldest(launcher_left_behind(self._record))
        while not self._stopping.is_set():
            started_at = self._steady.monotonic()
            session = self._look_at_session()
            if session is None:
                self._look()
                await asyncio.sleep(POLL_SECONDS)
                continue
            try:
                await self._one_life(session)
            except NobodyThere:
                await asyncio.sleep(POLL_SECONDS)
                continue
            except OSError as error:
                log.warning("launcher_not_started", reason=str(error))
                self._trouble("launcher_killed", f"not started: {error.strerror}")
            wait_seconds = started_at + RESTART_SECONDS - self._steady.monotonic()
            if not self._stopping.is_set() and wait_seconds > 0:
                await asyncio.sleep(wait_seconds)

    async def stop(self, patience_seconds: float = 2.0) -> None:
        """The agent stops: the launcher, told to quit, may end by itself within this time."""
        self._stopping.set()
        self._end_left()
        process = self._process
        if process is None:
            return
        try:
            await asyncio.wait_for(process.wait(), patience_seconds)
        except TimeoutError:
            process.kill()
            await process.wait()

    def leave(self) -> None:
        """The agent makes way for another: the launcher keeps the screen covered until that one ends it.

        So does what was left to this agent, if its own launcher has not attached so far.
        """
        self._stopping.set()
        self._left = None
        if self._process is not None:
            _LEFT.append(self._process)

    async def _one_life(self, session: int) -> None:
        """One launcher from its start to its end, or to that of its session."""
        token = self._local_server.new_token()
        started_at = self._steady.monotonic()
        process = await self._seat.start(self._command, with_input=True, outlives_agent=True)
        self._process = process
        self._local_server.launcher_pid = process.pid
        remember_launcher(self._record, process.pid, self._left)
        log.info("launcher_started", pid=process.pid)
        ended = asyncio.ensure_future(process.wait())
        try:
            await process.hand_over(token.encode("ascii"))
            while not (
                ended.done() or self._silent(started_at) or self._look_at_session() != session
            ):
                self._look()
                await asyncio.wait([ended], timeout=POLL_SECONDS)
            if self._stopping.is_set():
                await ended
                return
            self._attached = False
            if await self._has_left(session, ended):
                log.info("session_left", session=session)
            elif ended.done():
                self._trouble("launcher_killed", f"pid {process.pid}, exit code {ended.result()}")
            else:
                self._trouble("launcher_hung", f"pid {process.pid}")
        finally:
            self._attached = False
            self._end_left()  # should it be what kept this one from living
            self._local_server.detach()
            if not (self._stopping.is_set() and not ended.done()):
                process.kill()
                await ended
                process.release()
            self._look()

    def _end_left(self) -> None:
        end_launcher(self._left)
        self._left = None

    def _look_at_session(self) -> int | None:
        """Whose launcher is to run, as it was a moment ago."""
        now = self._steady.monotonic()
        if now - self._looked_at_session >= SESSION_LOOK_SECONDS:
            self._looked_at_session = now
            before = self._session, self._stranger
            self._session, self._stranger = self._seat.look()
            if before != (self._session, self._stranger):
                self._must_cover_since = now
        return self._session

    async def _has_left(self, session: int, ended: "asyncio.Future[int]") -> bool:
        """Whether the player has signed out of Windows, which ends programs with a code of its own."""
        until = self._steady.monotonic() + LEAVING_SECONDS
        while self._look_at_session() == session:
            by_windows = ended.done() and ended.result() == SIGNED_OUT
            if not by_windows or self._steady.monotonic() > until:
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True

    def _silent(self, started_at: float) -> bool:
        if self._attached:
            return self._silence.is_hung
        return self._steady.monotonic() - started_at > ATTACH_SECONDS

    def _uncovered(self) -> bool:
        grace_over = self._steady.monotonic() - self._must_cover_since > UNCOVERED_SECONDS
        # Where nobody is signed in, the sign-in of Windows covers the screen.
        open_here = self._session is not None and not self._covering
        return self._must_cover and grace_over and (open_here or bool(self._stranger))

    def _trouble(self, kind: GuardAlarm, detail: str) -> None:
        """One alarm until a healthy launcher is seen again, not one a second."""
        log.warning(kind, detail=detail)
        if not self._in_trouble:
            self._in_trouble = True
            self._handler.guard_alarm(kind, detail)

    def _look(self) -> None:
        """Tell what changed since the last look."""
        self._silence.look()
        if stalls := self._stalls.to_tell():
            self._handler.launcher_stalled(*stalls)
        uncovered = (self._attached or self._session is None) and self._uncovered()
        if uncovered and not self._uncovered_told:
            detail = f"Windows: {self._stranger}" if self._stranger else ""
            self._handler.guard_alarm("lock_uncovered", detail)
        self._uncovered_told = uncovered
        if self.lock != self._last_lock:
            self._last_lock = self.lock
            self._handler.lock_changed()
