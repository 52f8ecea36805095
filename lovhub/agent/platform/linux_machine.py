"""Linux: the PC itself, by the programs that every desktop has."""

import shutil
import subprocess
import sys

assert sys.platform != "win32"  # noqa: S101 - tells the type checker which half to read

_PATIENCE_SECONDS = 5


def switch_off(*, restart: bool) -> None:
    """Restart or power off; raises OSError."""
    _run("systemctl", "reboot" if restart else "poweroff")


def set_volume(percent: int) -> None:
    """Of the sink that is heard; raises OSError."""
    if shutil.which("wpctl"):
        _run("wpctl", "set-volume", "@DEFAULT_AUDIO_SINK@", f"{percent}%")
    elif shutil.which("pactl"):
        _run("pactl", "set-sink-volume", "@DEFAULT_SINK@", f"{percent}%")
    else:
        _run("amixer", "--quiet", "set", "Master", f"{percent}%")


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_PATIENCE_SECONDS)
    except subprocess.SubprocessError as error:
        raise OSError(f"{command[0]}: {error}") from error
