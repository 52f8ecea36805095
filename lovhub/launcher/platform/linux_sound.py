"""Sound on Linux, by the programs that PulseAudio and PipeWire bring: `pactl` and `paplay`."""

import contextlib
import re
import shutil
import subprocess

from lovhub.launcher.platform.sound import chime_file

ANSWER_SECONDS = 1.0
SINK = "@DEFAULT_SINK@"


class LinuxSound:
    """See `Sound`."""

    def chime(self, *, urgent: bool) -> None:
        """See Sound."""
        _start("paplay", str(chime_file(urgent=urgent)))

    def level(self) -> int | None:
        """See Sound."""
        program = shutil.which("pactl")
        if program is None:
            return None
        try:
            told = subprocess.run(
                [program, "get-sink-volume", SINK],
                capture_output=True,
                timeout=ANSWER_SECONDS,
                check=True,
                text=True,
            ).stdout
        except (OSError, subprocess.SubprocessError):
            return None
        found = re.search(r"(\d+)%", told)
        return min(int(found[1]), 100) if found else None

    def set_level(self, percent: int) -> None:
        """See Sound."""
        _start("pactl", "set-sink-volume", SINK, f"{percent}%")

    def set_muted(self, *, muted: bool) -> None:
        """See Sound."""
        _start("pactl", "set-sink-mute", SINK, "1" if muted else "0")


def _start(name: str, *arguments: str) -> None:
    """Start it and go on; a PC without it has no sound to speak of."""
    program = shutil.which(name)
    if program is None:
        return
    with contextlib.suppress(OSError):
        # A child that nobody waits for: its own parent ends at once, so that none is left undead.
        subprocess.Popen(
            ["/bin/sh", "-c", '"$@" >/dev/null 2>&1 &', "sh", program, *arguments],
            stdin=subprocess.DEVNULL,
        ).wait()
