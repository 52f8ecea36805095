"""`lovhub agent shell`: what Windows starts for the player's account in place of Explorer.

There is no desktop then, neither before the lock nor behind it. The lock is the service's: it starts the launcher in
this session. Where the service does not run, this wakes it, and covers the screen at once with a launcher that nobody
answers, and that therefore opens for nobody.
"""

import contextlib
import sys
import time
from typing import Protocol

NAME = "shell"
LOOK_SECONDS = 1.0


class StandIn(Protocol):
    """A launcher that covers the screen until the agent's own does."""

    def covers(self) -> bool:
        """Whether it still runs."""
        ...

    def end(self) -> None:
        """The agent's own launcher is there."""
        ...


class Surroundings(Protocol):
    """What the shell sees of this PC."""

    def service_runs(self) -> bool:
        """Whether the agent's service runs; not so while it starts or stops."""
        ...

    def wake_service(self) -> None:
        """Have Windows start it; raises OSError."""
        ...

    def launcher_is_there(self) -> bool:
        """Whether a launcher runs that the agent has started."""
        ...

    def stand_in(self) -> StandIn:
        """Cover the screen; raises OSError."""
        ...


class Shell:
    """Looks once a second."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._stand_in: StandIn | None = None

    def run(self) -> None:
        """As long as this process lives."""
        while True:
            self.look()
            time.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """See to it that the screen is covered; a failure is tried again with the next look."""
        runs = self._surroundings.service_runs()
        if not runs:
            with contextlib.suppress(OSError):
                self._surroundings.wake_service()
        elif self._stand_in is None:
            return
        elif self._surroundings.launcher_is_there():
            self._stand_in.end()
            self._stand_in = None
            return
        if self._stand_in is None or not self._stand_in.covers():
            with contextlib.suppress(OSError):
                self._stand_in = self._surroundings.stand_in()


def main() -> int:
    """As long as the player is signed in to Windows."""
    if sys.platform == "win32":
        from lovhub.agent.platform.windows_shell import WindowsSurroundings  # noqa: PLC0415

        Shell(WindowsSurroundings()).run()
    return 2
