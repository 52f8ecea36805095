"""A program of the player, for tests: a magenta window that writes down every key and click.

`bystander.py FILE` opens an ordinary window; with `on-top` one that no window manager handles and
that comes to the front again and again; with `borderless` one without a frame that fills the screen, as games do.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget


class Window(QWidget):
    def __init__(self, told: Path, on_top: bool, borderless: bool) -> None:
        super().__init__()
        self._told = told
        self.setWindowTitle("Bystander")
        self.setStyleSheet("background: #FF00FF")
        self.setGeometry(200, 150, 500, 400)
        if borderless:
            self.setWindowFlags(Qt.WindowType.FramelessWindowHint)
            self.setGeometry(QApplication.primaryScreen().geometry())
        if on_top:
            self.setWindowFlags(
                Qt.WindowType.BypassWindowManagerHint
                | Qt.WindowType.FramelessWindowHint
                | Qt.WindowType.WindowStaysOnTopHint
            )
            self._timer = QTimer(self, interval=100)
            self._timer.timeout.connect(self.raise_)
            self._timer.start()

    def tell(self, word: str) -> None:
        with self._told.open("a") as file:
            file.write(f"{word}\n")

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress):
            self.tell(event.type().name)
        return super().event(event)


class Shown(QObject):
    def eventFilter(self, window: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Expose:
            QTimer.singleShot(50, lambda: window_shown.tell("shown"))
        return False


application = QApplication(sys.argv)
window_shown = Window(Path(sys.argv[1]), "on-top" in sys.argv, "borderless" in sys.argv)
window_shown.show()
shown = Shown()
window_shown.windowHandle().installEventFilter(shown)
application.exec()
