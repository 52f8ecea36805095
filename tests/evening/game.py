"""A small real program with a window, for players of the evening test: python game.py TITLE."""

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel

from lovhub.launcher.immortal import keep_none_alive


def main() -> int:
    """Show a green window until somebody closes it."""
    keep_none_alive()
    application = QApplication(sys.argv[:1])
    window = QLabel("Игра идёт")
    window.setWindowTitle(sys.argv[1])
    window.setAlignment(Qt.AlignmentFlag.AlignCenter)
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Window, QColor(0, 170, 90))
    window.setPalette(palette)
    window.resize(640, 360)
    window.show()
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
