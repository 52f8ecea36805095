from pathlib import Path

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.support.xvfb import Screen

CLUB_RED = (200, 16, 46)


def test_a_full_screen_window_covers_the_screen_and_a_screenshot_shows_it(
    qtbot: QtBot, display: Screen, tmp_path: Path
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.setStyleSheet("background: rgb({}, {}, {})".format(*CLUB_RED))
    window.setWindowFlag(Qt.WindowType.FramelessWindowHint)
    with qtbot.waitExposed(window):
        window.showFullScreen()

    def covered() -> None:
        assert (window.width(), window.height()) == (display.width, display.height)
        image = display.screenshot(tmp_path / "screen.png")
        assert image.getpixel((5, 5)) == CLUB_RED
        assert image.getpixel((display.width - 5, display.height - 5)) == CLUB_RED

    qtbot.waitUntil(covered)
    with Image.open(tmp_path / "screen.png") as saved:
        assert saved.size == (display.width, display.height)


def test_keys_typed_from_outside_reach_the_window(qtbot: QtBot, display: Screen) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    with qtbot.waitActive(field):
        field.show()
        field.activateWindow()

    display.xdotool("type", "lovhub")

    qtbot.waitUntil(lambda: field.text() == "lovhub")


def test_two_screens_have_names_of_their_own(display: Screen) -> None:
    with Screen(640, 480, window_manager=False) as second:
        assert second.name != display.name
        assert second.screenshot().size == (640, 480)
