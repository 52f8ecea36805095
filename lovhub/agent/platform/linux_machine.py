"""Linux: the PC itself, by the programs that every desktop has."""

import subprocess
import sys

assert sys.platform != "win32"  # noqa: S101 - tells the type checker which half to read

_PATIENCE_SECONDS = 5


def switch_off(*, restart: bool) -> None:
    """Restart or power off; raises OSError."""
    command = ["systemctl", "reboot" if restart else "poweroff"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_PATIENCE_SECONDS)
    except subprocess.SubprocessError as error:
        raise OSError(f"{command[0]}: {error}") from error
