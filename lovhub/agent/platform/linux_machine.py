"""Linux: the PC itself, by the programs that every desktop has."""

import shutil
import subprocess
import sys

assert sys.platform != "win32"  # noqa: S101 - tells the type checker which half to read

_INHIBIT = "systemd-inhibit"
_PATIENCE_SECONDS = 5

_AWAKE: "list[subprocess.Popen[bytes]]" = []
"""Who keeps the PC awake: held as long as this process lives."""


def stay_awake() -> None:
    """No sleep for want of somebody at the PC, as long as this process lives; raises OSError.

    Where there is no logind, nothing puts a PC to sleep. Keys and commands that send it to sleep are let alone.
    """
    if shutil.which(_INHIBIT) is None:
        return
    words = ("--what=idle", "--mode=block", "--who=LoVHub", "--why=the desk needs it")
    process = subprocess.Popen(
        [
            _INHIBIT,
            *words,
            "cat",
        ],  # which ends when nobody holds the other end of its input any more
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
