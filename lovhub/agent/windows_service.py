"""The agent as a Windows service: `python -m lovhub.agent.windows_service --data FOLDER --service …`.

It is LocalSystem, owns key, connection, lease and journal, and starts the launcher in the player's session.
"""

import signal
import sys
from pathlib import Path

from lovhub import windows_service

assert sys.platform == "win32"  # noqa: S101 - tells the type checker which half to read

CONSOLE_FILE = "console.txt"


def main(arguments: list[str]) -> int:
    """Keep the PC until Windows says stop."""
    data = Path(arguments[arguments.index("--data") + 1])
    return windows_service.run(lambda: _keep(arguments), data / CONSOLE_FILE, signal.SIGTERM)


def _keep(arguments: list[str]) -> int:
    from lovhub.agent import starter  # noqa: PLC0415

    return starter.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
