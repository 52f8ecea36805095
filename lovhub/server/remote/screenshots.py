"""Pictures of players' screens: drawn anew, for whoever asked for them, for two minutes, in memory and nowhere else."""

import io
import threading
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from lovhub.clock import Clock
from lovhub.protocol.views import LARGEST_SCREENSHOT_BYTES

KEPT_SECONDS = 120
MOST_KEPT = 200
MOST_SIDE = 1600
_QUALITY = 75

_one_at_a_time = threading.Lock()


class NoPicture(Exception):
    """What the PC sent is none."""


@dataclass(frozen=True)
class _Kept:
    jpeg: bytes
    staff_id: int | None
    until: float


class Screenshots:
    """Callable from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def keep(self, command_id: str, sent: bytes, staff_id: int | None) -> None:
        """Take a picture that a PC has sent for this command; raises NoPicture."""
        jpeg = redrawn(sent)
        with self._lock:
            self._kept[command_id] = _Kept(jpeg, staff_id, self._clock.monotonic() + KEPT_SECONDS)
            while len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]

    def seen_by(self, command_id: str, staff_id: int | None) -> bytes | None:
        """The picture, for whoever asked for it; None for everybody else, and when its time is over."""
        self.forget()
        with self._lock:
            kept = self._kept.get(command_id)
        if kept is None or staff_id is None or kept.staff_id != staff_id:
            return None
        return kept.jpeg

    def forget(self) -> None:
        """Let go of those whose time is over."""
        now = self._clock.monotonic()
        with self._lock:
            for command_id in [key for key, kept in self._kept.items() if kept.until < now]:
                del self._kept[command_id]


def redrawn(sent: bytes) -> bytes:
    """The picture drawn anew: a PC is not trusted, and what it sends is shown to people with rights."""
    if not 0 < len(sent) <= LARGEST_SCREENSHOT_BYTES:
        raise NoPicture
    with _one_at_a_time:
        try:
            with Image.open(io.BytesIO(sent), formats=("JPEG",)) as found:
                if max(found.size) > MOST_SIDE:
                    raise NoPicture
                # On a sheet of its own: what else the file says would be saved again with it.
                drawn = Image.new("RGB", found.size)
                drawn.paste(found.convert("RGB"))
            file = io.BytesIO()
            drawn.save(file, "JPEG", quality=_QUALITY)
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError) as error:
            raise NoPicture from error
    return file.getvalue()
