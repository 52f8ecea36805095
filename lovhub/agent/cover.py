"""What covers the screen where the agent cannot: a launcher that nobody answers, and that opens for nobody."""

import contextlib
import subprocess
from pathlib import Path

import msgspec

from lovhub.agent.guard import launcher_left_behind, remember_launcher
from lovhub.agent.stop_signal import StopSignal
from lovhub.loading import own_command
from lovhub.protocol.local import Trouble

NOBODY = r"\\.\pipe\lovhub-nobody"
"""The agent's own pipes have longer names. Anybody may open one of this name, hence `NO_PROCESS`."""

NO_PROCESS = -1
"""No process has this id: whoever answers is not believed, and cannot open the lock."""

LOOK_SECONDS = 0.5
LOOKS_BETWEEN_TRIES = 10
"""Then the agent is tried again."""


class LauncherStandIn:
    """The launcher itself, told of an agent that is not there. Not ended with this process: it covers the screen.

    `trouble`: what it says is wrong.
    """

    def __init__(self, trouble: Trouble | None = None) -> None:
        told = ["--trouble", msgspec.json.encode(trouble).decode()] if trouble is not None else []
        self._process = subprocess.Popen(
            own_command("launcher", "--socket", NOBODY, f"--agent-pid={NO_PROCESS}", *told),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdin is not None  # noqa: S101 - asked for above
        with contextlib.suppress(OSError):  # it died already, and is started again
            self._process.stdin.write(b"nobody\n")
            self._process.stdin.close()

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._process.pid

    def covers(self) -> bool:
        """See `shell.StandIn`."""
        return self._process.poll() is None

    def end(self) -> None:
        """See `shell.StandIn`."""
        self._process.kill()
        self._process.wait()


class Cover:
    """The screen's, while the agent cannot begin. `record`: where the next agent reads whom to end."""

    def __init__(self, record: Path) -> None:
        self._record = record
        self._before = launcher_left_behind(record)
        self._stand_in: LauncherStandIn | None = None
        self._handed_over: LauncherStandIn | None = None
        self._trouble: Trouble | None = None
        self._stop = StopSignal()

    def hold(self, trouble: Trouble) -> bool:
        """Cover the screen for a while, saying what is wrong; False if this process is told to stop meanwhile."""
        self._take_back()
        former, before = None, self._before
        if trouble != self._trouble:
            former, self._stand_in, self._trouble = self._stand_in, None, trouble
        if former is not None:
            self._before = launcher_left_behind(self._record) or before
        with self._stop.heard():
            for _look in range(LOOKS_BETWEEN_TRIES):
                self._look(trouble)
                if self._stop.wait(LOOK_SECONDS):
                    break
        self._before = before
        if former is not None:
            self._take_over_from(former)
        if self._stop.has_come:
            self.lift()
        return not self._stop.has_come

    def hand_over(self, record: Path) -> None:
        """The agent begins: its guard ends what covers the screen once its own launcher does. `record`: see Guard."""
        if self._stand_in is not None:
            before = self._before if record == self._record else launcher_left_behind(record)
            if before is not None and before.pid == self._stand_in.pid:
                before = before.before  # it was handed over there before
            remember_launcher(record, self._stand_in.pid, before)
            self._handed_over, self._stand_in = self._stand_in, None

    def lift(self) -> None:
        """Nothing is to be covered any more."""
        if self._stand_in is not None:
            self._stand_in.end()
            self._stand_in = None

    def _take_back(self) -> None:
        """What an agent has not ended that failed before its guard began: one more at each try would fill the PC."""
        if self._handed_over is not None and self._handed_over.covers():
            self._stand_in = self._handed_over
        self._handed_over = None

    def _look(self, trouble: Trouble) -> None:
        if self._stand_in is None or not self._stand_in.covers():
            with contextlib.suppress(OSError):  # tried again at the next look
                self._stand_in = LauncherStandIn(trouble)
                remember_launcher(self._record, self._stand_in.pid, self._before)

    def _take_over_from(self, former: LauncherStandIn) -> None:
        """It has covered while the next one started; it goes on where none lives."""
        if self._stand_in is None or not self._stand_in.covers():
            self._stand_in, self._trouble = former, None
        else:
            former.end()
            remember_launcher(self._record, self._stand_in.pid, self._before)
