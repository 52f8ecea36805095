"""Sound of the PC: its volume, silence behind the lock, and a chime that is heard where no window is seen.

A game in exclusive fullscreen hides every window of ours: a warning is heard as well. Where a PC has no sound, or
none that can be asked, everything here does nothing.
"""

import math
import struct
import sys
import tempfile
import wave
from functools import cache
from pathlib import Path
from typing import Protocol

RATE = 22_050
NOTE_SECONDS = 0.18
SOFT = 0.35
CALM, URGENT = (660.0, 880.0), (880.0, 660.0, 880.0, 660.0)
"""The notes of a warning, in hertz."""


class Sound(Protocol):
    """The system's part."""

    def chime(self, *, urgent: bool) -> None:
        """Be heard, and come back at once."""
        ...

    def level(self) -> int | None:
        """The volume in percent; None where it cannot be asked."""
        ...

    def set_level(self, percent: int) -> None:
        """Make it louder or quieter."""
        ...

    def set_muted(self, *, muted: bool) -> None:
        """Silence for everything on this PC, or its end."""
        ...


class NoSound:
    """A PC without sound."""

    def chime(self, *, urgent: bool) -> None:
        """See Sound."""

    def level(self) -> int | None:
        """See Sound."""
        return None

    def set_level(self, percent: int) -> None:
        """See Sound."""

    def set_muted(self, *, muted: bool) -> None:
        """See Sound."""


def choose_sound() -> Sound:
    """The sound of this system."""
    if sys.platform == "win32":
        from lovhub.launcher.platform.windows_sound import WindowsSound  # noqa: PLC0415 (this system only)

        return WindowsSound()
    else:  # noqa: RET505 (the type checker reads one half for each system)
        from lovhub.launcher.platform.linux_sound import LinuxSound  # noqa: PLC0415 (this system only)

        return LinuxSound()


@cache
def chime_file(*, urgent: bool) -> Path:
    """The chime as a file, made at its first use."""
    with tempfile.NamedTemporaryFile(prefix="lovhub-", suffix=".wav", delete=False) as file:
        with wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(RATE)
            for hertz in URGENT if urgent else CALM:
                sound.writeframes(_note(hertz))
        return Path(file.name)


def _note(hertz: float) -> bytes:
    count = int(RATE * NOTE_SECONDS)
    fade = count // 4
    samples = [
        SOFT * min(1.0, at / fade, (count - at) / fade) * math.sin(2 * math.pi * hertz * at / RATE)
        for at in range(count)
    ]
    return struct.pack(f"<{count}h", *(int(sample * 32_767) for sample in samples))
