"""A game that a launcher starts: known by its processes' names, since Steam is no child of ours and outlives it."""

import asyncio
import contextlib
from collections.abc import Sequence

import psutil

from lovhub.agent.platform import ProcessGroup
from lovhub.agent.seat import Seat

APPEAR_SECONDS = 300.0
"""A launcher may update the game first."""

GONE_SECONDS = 3.0
"""Games end and start themselves again between menu, match and anti-cheat."""

POLL_SECONDS = 0.5
LOOK_SECONDS = 2.0
"""Looking at every process costs more than looking at one that is known."""


class WatchedGame:
    """The processes of a game, and what was started so that it starts. Behaves as a `ProcessGroup`."""

    def __init__(
        self, names: Sequence[str], seat: Seat, starter: ProcessGroup | None = None
    ) -> None:
        self._seat = seat
        self.names = tuple(names)
        self._wanted = frozenset(name.lower() for name in names)
        self._killed = False
        self._starter = starter
        self._known: list[psutil.Process] = []
        self.pid = 0 if starter is None else starter.pid

    async def wait(self) -> int:
        """Until the game is over; or has never begun though there was time."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + APPEAR_SECONDS
        while (  # noqa: ASYNC110 - nobody tells of a stranger's start
            not (self._killed or self._look()) and loop.time() < deadline
        ):
            await asyncio.sleep(LOOK_SECONDS)
        gone_at: float | None = None
        while not self._killed and (gone_at is None or loop.time() - gone_at < GONE_SECONDS):
            await asyncio.sleep(POLL_SECONDS)
            if any(map(_runs, self._known)) or self._look():
                gone_at = None
            elif gone_at is None:
                gone_at = loop.time()
        return 0

    def alive(self) -> bool:
        """Whether the game, or what started it, still runs."""
        return bool(self._look()) or (self._starter is not None and self._starter.alive())

    def ask_to_end(self) -> None:
        """The game is asked first; what started it as well, if it is ours."""
        self._seat.ask_to_end([process.pid for process in self._look()])
        if self._starter is not None:
            self._starter.ask_to_end()

    def kill(self) -> None:
        """At once, all of it; whoever waits need wait no longer."""
        self._killed = True
        for process in self._look():
            with contextlib.suppress(psutil.Error):
                process.kill()
        if self._starter is not None:
            self._starter.kill()

    def release(self) -> None:
        """Let go of what started it."""
        if self._starter is not None:
            self._starter.release()

    def _look(self) -> list[psutil.Process]:
        """The game's processes now."""
        found = [
            process
            for process in psutil.process_iter(["name"])
            if (process.info["name"] or "").lower() in self._wanted and _runs(process)
        ]
        self._known = found
        return found


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
