"""Sound of the PC: its volume, silence behind the lock, and a chime that is heard where no window is seen.

A game in exclusive fullscreen hides every window of ours: a warning is heard as well. Where a PC has no sound, or
none that can be asked, everything here does nothing.
"""

import contextlib
import math
import shutil
import struct
import sys
from collections import deque
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

ANSWER_SECONDS = 1.0
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


class SystemSound:
    """The sound of this PC. The system is asked beside the windows, and in the order in which it was asked."""

    def __init__(self) -> None:
        self._wanted: deque[int] = deque(maxlen=1)

    @cached_property
    def _aside(self) -> "ThreadPoolExecutor":
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 (not before the lock is up)

        return ThreadPoolExecutor(1, thread_name_prefix="sound")

    @cached_property
    def _volume(self) -> ModuleType:
        from lovhub import volume  # noqa: PLC0415 (not before the lock is up)

        return volume

    def chime(self, *, urgent: bool) -> None:
        """See Sound."""
        with contextlib.suppress(RuntimeError, OSError):
            _play(str(chime_file(urgent=urgent)))

    def level(self) -> int | None:
        """See Sound."""
        asked = self._aside.submit(self._volume.level)
        try:
            level: int = asked.result(ANSWER_SECONDS)
        except (OSError, TimeoutError):
            return None
        return level

    def set_level(self, percent: int) -> None:
        """See Sound."""
        self._wanted.append(percent)
        self._aside.submit(self._set_newest)

    def set_muted(self, *, muted: bool) -> None:
        """See Sound."""
        self._aside.submit(self._volume.set_muted, muted=muted)

    def _set_newest(self) -> None:
        """A slider says more than a system can follow: only the last word counts."""
        with contextlib.suppress(IndexError):  # said already
            self._volume.set_level(self._wanted.popleft())


def _play(path: str) -> None:
    """Start it and go on; a PC without the means has no sound to speak of."""
    if sys.platform == "win32":
        import winsound  # noqa: PLC0415 (this system only)

        flags = winsound.SND_FILENAME | winsound.SND_ASYNC | winsound.SND_NODEFAULT
        winsound.PlaySound(path, flags)
    elif (program := shutil.which("paplay")) is not None:
        import subprocess  # noqa: PLC0415 (not before the lock is up)

        # A child that nobody waits for: its own parent ends at once, so that none is left undead.
        subprocess.Popen(
            ["/bin/sh", "-c", '"$@" >/dev/null 2>&1 &', "sh", program, path],
            stdin=subprocess.DEVNULL,
        ).wait()


@cache
def chime_file(*, urgent: bool) -> Path:
    """The chime as a file, made at its first use."""
    import tempfile  # noqa: PLC0415 (not before the lock is up)
    import wave  # noqa: PLC0415 (not before the lock is up)

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
