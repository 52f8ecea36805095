"""A small window over a running game. It never takes the keyboard from it."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from lovhub.launcher.theme import Look

STAY_ON_TOP_MILLISECONDS = 1_000


class OverGame(QWidget):
    """Stays over whatever is shown, from `appear` to `disappear`; `name`: for the style sheet and for tests."""

    def __init__(self, look: Look, name: str, *, lets_clicks_through: bool = False) -> None:
        flags = (
            Qt.WindowType.ToolTip
            | Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.WindowStaysOnTopHint
            | Qt.WindowType.BypassWindowManagerHint
            | Qt.WindowType.WindowDoesNotAcceptFocus
        )
        if lets_clicks_through:
            flags |= Qt.WindowType.WindowTransparentForInput
        super().__init__(None, flags)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setWindowTitle("LoVHub")
        self.setObjectName(name)
        self._look = look
        self._stay = QTimer(self, interval=STAY_ON_TOP_MILLISECONDS)
        self._stay.timeout.connect(self.raise_)

    def appear(self) -> None:
        """Be there from now on."""
        self.show()
        self.raise_()
        self._stay.start()

    def disappear(self) -> None:
        """Be gone."""
        self._stay.stop()
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 (Qt's signature)
        QPainter(self).fillRect(self.rect(), self._look.color("background"))
