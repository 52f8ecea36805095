"""The server as a Windows service: `python -m lovhub.server.windows_service --data FOLDER …`, started by Windows."""

import signal
import sys
from pathlib import Path

from lovhub import windows_service
from lovhub.server.service_names import CONSOLE_FILE

assert sys.platform == "win32"  # noqa: S101 - tells the type checker which half to read


def main(arguments: list[str]) -> int:
    """Serve until Windows says stop."""
    data = Path(arguments[arguments.index("--data") + 1])
    return windows_service.run(lambda: _serve(arguments), data / CONSOLE_FILE, signal.SIGBREAK)


def _serve(arguments: list[str]) -> int:
    from lovhub.server import command  # noqa: PLC0415

    return command.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
