"""Runs `lovhub agent` of the modules on PYTHONPATH with the stand-in launcher in place of the window.

`kept_agent.py STAND_IN FOLDER ARGUMENTS…`: what stand_in_launcher.py takes, and then what the agent takes.

The time of the PC stands still but for what its test clock is told, as the server's does: what the test itself takes is
no time that anybody plays.
"""

import sys

from lovhub import clock
from lovhub.agent import command


class StandingClock(clock.FileClock):
    """The test clock over one that stands still."""

    def __init__(self, path: clock.Path) -> None:
        super().__init__(path)
        self._system = clock.ManualClock()


clock.FileClock = StandingClock
stand_in, folder, *arguments = sys.argv[1:]
command.launcher_command = lambda endpoint: [sys.executable, stand_in, endpoint, folder]
sys.exit(command.main(arguments))
