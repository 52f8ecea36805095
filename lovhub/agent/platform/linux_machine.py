"""Linux: the PC itself, by the programs that every desktop has."""

import subprocess
import sys
from pathlib import Path

assert sys.platform != "win32"  # noqa: S101 - tells the type checker which half to read

SYSTEMD_RUNS = Path("/run/systemd/system")
"""Is there where systemd has started the machine, and with it logind, which puts PCs to sleep."""

_PATIENCE_SECONDS = 5

_AWAKE: "list[subprocess.Popen[bytes]]" = []
"""Who keeps the PC awake: held as long as this process lives."""


def stay_awake() -> None:
    """No sleep for want of somebody at the PC, as long as this process lives; raises OSError.

    Keys and commands that send it to sleep are let alone.
    """
    if not SYSTEMD_RUNS.exists() or any(process.poll() is None for process in _AWAKE):
        return
    # `cat` ends when nobody holds the other end of its input any more.
    told = ("--what=idle", "--mode=block", "--who=LoVHub", "--why=the desk needs it")
    command = ["systemd-inhibit", *told, "cat"]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _AWAKE.append(process)


def switch_off(*, restart: bool) -> None:
    """Restart or power off; raises OSError."""
    command = ["systemctl", "reboot" if restart else "poweroff"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_PATIENCE_SECONDS)
    except subprocess.SubprocessError as error:
        raise OSError(f"{command[0]}: {error}") from error
