"""What the desk does to a PC, as the player sees it: a covered screen, a picture that is told of."""

import io

from PIL import Image
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from lovhub.launcher import screenshot
from lovhub.protocol import local
from lovhub.protocol.views import LARGEST_SCREENSHOT_BYTES
from tests.launcher.conftest import LauncherProcess, shows_only_the_lock, wait_until
from tests.launcher.fake_agent import PLAYING


def noise(width: int, height: int) -> QImage:
    """What no format makes small."""
    state, data = 1, bytearray()
    for _ in range(width * height * 4):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        data.append(state >> 16 & 0xFF)
    return QImage(bytes(data), width, height, QImage.Format.Format_RGB32).copy()


def test_a_picture_fits_into_a_frame_however_wild_it_is(qtbot: QtBot) -> None:
    small = noise(160, 90)
    wild = small.scaled(1920, 1080)
    for image in (small, wild):
        jpeg = screenshot.small_enough(image)
        assert 0 < len(jpeg) <= LARGEST_SCREENSHOT_BYTES
        assert Image.open(io.BytesIO(jpeg)).format == "JPEG"
    assert screenshot.small_enough(QImage()) == b""


def test_the_desk_covers_the_screen_and_looks_at_it(launcher: LauncherProcess) -> None:
    launcher.agent.say(PLAYING)
    launcher.agent.wait_until_covering(False)
    held = local.State(
        **{**{name: getattr(PLAYING, name) for name in PLAYING.__struct_fields__}, "mode": "held"}
    )
    launcher.agent.say(held)
    launcher.agent.wait_until_covering()
    wait_until(lambda: shows_only_the_lock(launcher.screen.screenshot()), "the lock is up")
    launcher.agent.say(local.TakeScreenshot("c1"))
    taken = launcher.agent.wait_for(local.Screenshot, command_id="c1")
    seen = Image.open(io.BytesIO(taken.picture))
    assert seen.format == "JPEG"
    whole = launcher.screen.screenshot()
    assert abs(seen.width / seen.height - whole.width / whole.height) < 0.02
    launcher.agent.say(PLAYING)
    launcher.agent.wait_until_covering(False)
