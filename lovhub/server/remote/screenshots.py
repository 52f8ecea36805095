"""Pictures of players' screens: drawn anew, for whoever asked for them, for two minutes, in memory and nowhere else."""

import io
import threading

from PIL import Image, UnidentifiedImageError

from lovhub.clock import Clock
from lovhub.protocol.views import LARGEST_SCREENSHOT_BYTES
from lovhub.server.remote.kept import KeptAnswers

KEPT_SECONDS = 120
MOST_KEPT = 200
MOST_SIDE = 1600
_QUALITY = 75

_one_at_a_time = threading.Lock()


class NoPicture(Exception):
    """What the PC sent is none."""


class Screenshots:
    """Callable from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._kept: KeptAnswers[bytes] = KeptAnswers(clock, seconds=KEPT_SECONDS, most=MOST_KEPT)
        self.seen_by = self._kept.seen_by
        self.forget = self._kept.forget

    def keep(self, command_id: str, sent: bytes, staff_id: int | None) -> None:
        """Take a picture that a PC has sent for this command; raises NoPicture."""
        self._kept.keep(command_id, redrawn(sent), staff_id)


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
