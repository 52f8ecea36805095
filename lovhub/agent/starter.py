"""`lovhub agent`: starts the version that is to run, and puts the one before back where a new one fails.

As long as no update came, the agent runs in this very process. A version that came as an update is a process of its
own, watched: on trial it must report to the server within two minutes, or it is ended and the one before runs again.
The starter is always the installed one: an update cannot break it.
"""

import argparse
import contextlib
import os
import subprocess
from pathlib import Path

from lovhub.agent import errand, shell
from lovhub.agent.stop_signal import StopSignal
from lovhub.agent.versions import Laid, Versions
from lovhub.clock import Clock, ClockRefused, SystemClock, choose_clock
from lovhub.loading import command_from, own_command
from lovhub.protocol.updates import REPORT_SECONDS

EXIT_UPDATED = 75
"""With it the agent ends when another version is to run from now on."""

SERVICE = "--service"
"""Told, with the folder of its versions, to the agent that Windows starts as a service.

It is not the player, and starts things in the player's session. What it runs with the rights of the system lies where
the installer says (`NO_VERSIONS`: nowhere), and not where `config.ini` does.
"""

NO_VERSIONS = "-"

STARTED_BY = "--started-by"
"""Told to the agent alone: `starter` in a process of its own, `itself` in the starter's."""

NOT_CHOSEN = "--not-chosen"
"""Told with it: why the installed version runs, whichever was to."""

LOOK_SECONDS = 0.1
STOP_SECONDS = 20.0
RESTART_SECONDS = 1.0
CRASH_SECONDS = 60.0
MOST_CRASHES = 3
"""A version that has proved itself is given up when it ends badly so often in a row, each time so soon."""

EXIT_BAD_INPUT = 2


def main(arguments: list[str]) -> int:
    """Run the agent, in whichever version, until it is told to stop, or install it; returns the exit code."""
    if arguments == [errand.NAME]:
        return errand.main()
    if arguments == [shell.NAME]:
        return shell.main()
    is_other_command = bool(arguments) and not arguments[0].startswith("-")
    if is_other_command or STARTED_BY in arguments or {"-h", "--help"} & set(arguments):
        return _run_here(arguments)
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--data", type=Path, default=Path())
    parser.add_argument("--test-clock", type=Path)
    parser.add_argument("--only-account")
    parser.add_argument(SERVICE)
    try:
        options, _others = parser.parse_known_args(arguments)
    except (argparse.ArgumentError, SystemExit):
        return _run_here(arguments)  # which says what is wrong
    folder: Path = options.data.absolute()
    try:
        clock = choose_clock(options.test_clock, folder)
    except ClockRefused:
        return _run_here(arguments)
    if options.only_account and not options.service and not _is_account(options.only_account):
        return 0
    if options.service == NO_VERSIONS:
        return _run_here(arguments)
    lasting = Path(options.service) if options.service else _lasting(folder)
    return Starter(Versions(lasting), arguments, clock).run()


def _run_here(arguments: list[str]) -> int:
    from lovhub.agent import command  # noqa: PLC0415 - most of what a start takes

    return command.main(arguments)


def _is_account(account: str) -> bool:
    from lovhub.agent.platform import user_name  # noqa: PLC0415

    return account.casefold() == user_name().casefold()


def _lasting(data_folder: Path) -> Path:
    """Where versions lie: with key and journal, so that a disk that forgets does not forget them."""
    from lovhub.agent.settings import configured_lasting  # noqa: PLC0415

    configured = configured_lasting(data_folder).folder
    return Path(os.path.expandvars(configured)) if configured else data_folder


class Starter:
    """Runs one version after another. `arguments`: of the agent."""

    def __init__(self, versions: Versions, arguments: list[str], clock: Clock) -> None:
        self._versions = versions
        self._arguments = arguments
        self._clock = clock
        self._steady = SystemClock()
        self._stop = StopSignal()
        self._crashes = 0
        self._not_chosen: list[str] = []

    def run(self) -> int:
        """Until the agent is told to stop, or the installed one ends; returns its exit code."""
        laid = self._choose()
        if laid is None:
            exit_code = _run_here([*self._arguments, *self._not_chosen, STARTED_BY, "itself"])
            if exit_code != EXIT_UPDATED:
                return exit_code
            laid = self._choose()
        with self._stop.heard():
            while True:
                exit_code = self._one_life(laid)
                if self._stop.has_come or not self._goes_on(laid, exit_code):
                    return exit_code
                laid = self._choose()

    def _choose(self) -> Laid | None:
        """The version to be started; the installed one where that fails, since without any the PC would be open."""
        self._not_chosen = []
        try:
            return self._versions.choose()
        except Exception as error:  # noqa: BLE001 - a full disk, for one: the start cannot be counted
            self._not_chosen = [NOT_CHOSEN, repr(error)]  # the agent has a log
            return None

    def _one_life(self, laid: Laid | None) -> int:
        """One agent from its start to its end; returns its exit code, -1 for one that had to be ended."""
        words = ["agent", *self._arguments, *self._not_chosen, STARTED_BY, "starter"]
        command = own_command(*words) if laid is None else command_from(laid.folder, *words)
        on_trial = laid is not None and self._versions.state().on_trial
        started_at, steady_since = self._clock.monotonic(), self._steady.monotonic()
        try:
            process = subprocess.Popen(command)
        except OSError:
            return -1
        with process:
            while (exit_code := process.poll()) is None:
                if self._stop.wait(LOOK_SECONDS):
                    return _end(process)
                late = self._clock.monotonic() - started_at > REPORT_SECONDS
                if on_trial and late and not (on_trial := self._versions.state().on_trial):
                    continue
                if on_trial and late:
                    process.kill()
                    process.wait()
                    self._give_up("no_report")
                    return -1
        if self._steady.monotonic() - steady_since > CRASH_SECONDS:
            self._crashes = 0
        return exit_code

    def _goes_on(self, laid: Laid | None, exit_code: int) -> bool:
        """Whether another start follows, in the same version or, if this one has failed, in the one before."""
        if exit_code == EXIT_UPDATED:
            self._crashes = 0
            return True
        if laid is None:
            return False  # as ever: whoever started the agent starts it again
        if self._versions.state().on_trial:
            self._give_up(f"exit_{exit_code}")
            return True
        if exit_code in {0, EXIT_BAD_INPUT}:
            return False
        self._crashes += 1
        if self._crashes >= MOST_CRASHES:
            self._give_up("crashes")
        return not self._stop.wait(RESTART_SECONDS)

    def _give_up(self, why: str) -> None:
        self._crashes = 0
        with contextlib.suppress(OSError):  # it cannot be chosen then, see there
            self._versions.roll_back(why)


def _end(process: "subprocess.Popen[bytes]") -> int:
    """Ask the agent to end in an orderly way, as this process was asked."""
    with contextlib.suppress(OSError):
        process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return process.returncode
