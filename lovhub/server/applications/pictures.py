"""Pictures of games and programs: whatever is sent is drawn anew, small and as PNG, and nothing else is kept of it."""

import hashlib
import io
import threading
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from lovhub.server.errors import OperationRefused

FORMATS = ("PNG", "JPEG", "WEBP", "ICO")
MOST_BYTES = 200 * 1024
"""What may be sent. The page makes larger pictures smaller before it sends them."""

MOST_PIXELS = 4096 * 4096
SIDE = 192
"""The longer side of what is kept."""

LARGEST_KEPT_BYTES = 40_000

_PALETTE = 256
_one_at_a_time = threading.Lock()

# The library's own guard, for pictures within pictures, which are only found while they are drawn.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


@dataclass(frozen=True)
class Picture:
    """A picture as it is kept. `digest` is its address."""

    digest: str
    png: bytes


def redrawn(sent: bytes) -> Picture:
    """What was sent, drawn anew. A small file may unfold into gigabytes: its size is read before it is drawn.

    Raises OperationRefused("invalid_fields") for `picture`: `picture_missing`, `picture_too_heavy`,
    `picture_too_large`, `picture_not_understood`.
    """
    if not sent:
        raise _refused("picture_missing")
    if len(sent) > MOST_BYTES:
        raise _refused("picture_too_heavy")
    with _one_at_a_time:
        try:
            png = _draw(sent)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
            raise _refused("picture_too_large") from bomb
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError) as error:
            raise _refused("picture_not_understood") from error
    return Picture(hashlib.sha256(png).hexdigest(), png)


def _draw(sent: bytes) -> bytes:
    with Image.open(io.BytesIO(sent), formats=FORMATS) as found:
        if found.width * found.height > MOST_PIXELS:
            raise _refused("picture_too_large")
        found.draft("RGB", (SIDE * 2, SIDE * 2))  # a photograph is read at a fraction of its size
        upright = ImageOps.exif_transpose(found).convert("RGBA")
    upright.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    png = _as_png(upright)
    if len(png) > LARGEST_KEPT_BYTES:
        png = _as_png(upright.quantize(_PALETTE, method=Image.Quantize.FASTOCTREE))
    return png


def _as_png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _refused(code: str) -> OperationRefused:
    return OperationRefused("invalid_fields", picture=code)
