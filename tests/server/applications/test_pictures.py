"""Pictures that people send: redrawn, and refused before they unfold."""

import io
import struct
import tracemalloc
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lovhub.server.applications import pictures
from lovhub.server.errors import OperationRefused


def drawn(format_: str, size: tuple[int, int] = (300, 200), mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, "red").save(file, format_)
    return file.getvalue()


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png), formats=("PNG",))


def problem(sent: bytes) -> str:
    with pytest.raises(OperationRefused) as refusal:
        pictures.redrawn(sent)
    return str(refusal.value.values["picture"])


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that unfolds into `width` × `height` white points."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checked = name + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    packer = zlib.compressobj(9)
    row = b"\0" + b"\0" * ((width + 7) // 8)
    pixels = b"".join(packer.compress(row * 64) for _ in range(height // 64)) + packer.flush()
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
        + chunk(b"IDAT", pixels)
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "ICO"])
def test_each_kind_becomes_a_small_png(format_: str) -> None:
    kept = pictures.redrawn(drawn(format_))
    image = opened(kept.png)
    assert image.format == "PNG"
    # An icon holds pictures of some sizes only, here none larger than 128.
    assert max(image.size) == (128 if format_ == "ICO" else 192)
    assert len(kept.png) <= pictures.LARGEST_KEPT_BYTES
    assert kept == pictures.redrawn(drawn(format_))


def test_transparency_and_proportions_stay_and_small_ones_are_not_blown_up() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (64, 32), (255, 0, 0, 0)).save(file, "PNG")
    image = opened(pictures.redrawn(file.getvalue()).png)
    assert image.size == (64, 32)
    assert image.convert("RGBA").getpixel((1, 1))[3] == 0  # type: ignore[index]


def test_noise_too_fits_one_frame() -> None:
    noise = Image.effect_noise((192, 192), 100)
    file = io.BytesIO()
    Image.merge("RGBA", (noise, noise.rotate(90), noise.rotate(180), noise)).save(file, "PNG")
    assert len(pictures.redrawn(file.getvalue()).png) <= pictures.LARGEST_KEPT_BYTES


def test_nothing_of_what_was_sent_is_kept_but_the_picture() -> None:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "where it was taken"
    Image.new("RGB", (30, 30)).save(file, "JPEG", exif=exif)
    sent = file.getvalue() + b"<script>alert(1)</script>"
    assert b"taken" in sent
    kept = pictures.redrawn(sent).png
    assert b"taken" not in kept
    assert b"script" not in kept


def test_a_bomb_is_refused_before_it_unfolds() -> None:
    sent = bomb(30_000, 30_016)
    assert len(sent) < pictures.MOST_BYTES
    tracemalloc.start()
    try:
        assert problem(sent) == "picture_too_large"
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_bomb_in_an_icon_is_refused_too() -> None:
    hidden = bomb(8_000, 8_000)
    entry = struct.pack("<BBBBHHII", 32, 32, 0, 0, 1, 32, len(hidden), 22)
    assert problem(struct.pack("<HHH", 0, 1, 1) + entry + hidden) == "picture_too_large"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", "picture_missing"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture_not_understood"),
        (b"GIF89a" + bytes(50), "picture_not_understood"),
        (drawn("PNG")[:60], "picture_not_understood"),
        (bytes(pictures.MOST_BYTES + 1), "picture_too_heavy"),
    ],
)
def test_what_is_no_picture_is_said_so(sent: bytes, code: str) -> None:
    assert problem(sent) == code


@pytest.mark.filterwarnings("ignore:Image was not the expected size")
@given(st.sampled_from(["PNG", "JPEG", "WEBP", "ICO"]), st.data())
def test_a_broken_file_is_refused_and_breaks_nothing(format_: str, data: st.DataObject) -> None:
    sent = bytearray(drawn(format_, (40, 40)))
    for _ in range(3):
        sent[data.draw(st.integers(0, len(sent) - 1))] = data.draw(st.integers(0, 255))
    with suppress(OperationRefused):
        assert pictures.redrawn(bytes(sent)).png.startswith(b"\x89PNG")
