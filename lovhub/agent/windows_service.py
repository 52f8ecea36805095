"""The agent as a Windows service: `python -m lovhub.agent.windows_service --data FOLDER --service …`.

It is LocalSystem, owns key, connection, lease and journal, and starts the launcher in the player's session.
"""

import signal
import sys
import time
from pathlib import Path

from lovhub import windows_service

assert sys.platform == "win32"  # noqa: S101 - tells the type checker which half to read

CONSOLE_FILE = "console.txt"
UNSETTLED_SECONDS = 30.0
"""Without an address it cannot work; Windows starts it again each time it ends, and need not do so at once."""


def main(arguments: list[str]) -> int:
    """Keep the PC until Windows says stop."""
    data = Path(arguments[arguments.index("--data") + 1])
    return windows_service.run(lambda: _keep(arguments), data / CONSOLE_FILE, signal.SIGTERM)


def _keep(arguments: list[str]) -> int:
    from lovhub.agent import starter  # noqa: PLC0415

    exit_code = starter.main(arguments)
    if exit_code == starter.EXIT_BAD_INPUT:
        time.sleep(UNSETTLED_SECONDS)
    return exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
