"""Pictures of screens: drawn anew, for who asked, for two minutes."""

import io

import pytest
from PIL import Image

from lovhub.clock import ManualClock
from lovhub.protocol.views import LARGEST_SCREENSHOT_BYTES
from lovhub.server.remote.screenshots import KEPT_SECONDS, NoPicture, Screenshots, redrawn


def picture(size: tuple[int, int] = (64, 36), form: str = "JPEG", comment: bytes = b"") -> bytes:
    file = io.BytesIO()
    image = Image.new("RGB", size, (10, 200, 30))
    image.save(file, form, **({"comment": comment} if comment else {}))
    return file.getvalue()


def test_only_who_asked_sees_it_and_only_for_two_minutes() -> None:
    clock = ManualClock()
    kept = Screenshots(clock)
    kept.keep("c1", picture(), 4)
    assert kept.seen_by("c1", 4) is not None
    assert [kept.seen_by("c1", 5), kept.seen_by("c1", None), kept.seen_by("c2", 4)] == [None] * 3
    clock.advance(KEPT_SECONDS)
    assert kept.seen_by("c1", 4) is not None
    clock.advance(1)
    assert kept.seen_by("c1", 4) is None


def test_it_is_drawn_anew_and_nothing_else_of_it_is_left() -> None:
    sent = picture(comment=b"<script>")
    assert b"<script>" in sent
    drawn = redrawn(sent)
    assert b"<script>" not in drawn
    assert Image.open(io.BytesIO(drawn)).getpixel((3, 3)) == pytest.approx((10, 200, 30), abs=4)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"no picture",
        picture(form="PNG"),
        picture((20_000, 3)),
        picture()[:200],
        b"\xff" * (LARGEST_SCREENSHOT_BYTES + 1),
    ],
    ids=["nothing", "words", "another form", "too wide", "cut off", "too heavy"],
)
def test_what_is_no_picture_is_refused(sent: bytes) -> None:
    with pytest.raises(NoPicture):
        redrawn(sent)
