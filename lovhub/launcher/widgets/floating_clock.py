"""The time left as a small clock over a borderless game. It takes neither the keyboard nor a click from it."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Countdown

STAY_ON_TOP_MILLISECONDS = 1_000
OPACITY = 0.85


class FloatingClock(QWidget):
    """Stands in the upper right corner while a game runs."""

    def __init__(self, look: Look) -> None:
        super().__init__(
            None,
            Qt.WindowType.ToolTip
            | Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.WindowStaysOnTopHint
            | Qt.WindowType.BypassWindowManagerHint
            | Qt.WindowType.WindowTransparentForInput
            | Qt.WindowType.WindowDoesNotAcceptFocus,
        )
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setWindowTitle("LoVHub")
        self.setObjectName("floatingClock")
        self.setWindowOpacity(OPACITY)
        self._look = look
        self.time = Countdown("floating", "floatingTime")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(look.px(14), look.px(4), look.px(14), look.px(4))
        layout.addWidget(self.time)
        self._stay = QTimer(self, interval=STAY_ON_TOP_MILLISECONDS)
        self._stay.timeout.connect(self.raise_)

    def show_seconds_left(self, seconds_left: int) -> None:
        """A second has passed."""
        self.time.show_seconds(seconds_left)

    def appear(self) -> None:
        """Be there from now on, over whatever is shown."""
        if self.isVisible():
            return
        self.ensurePolished()
        self.adjustSize()
        screen = QGuiApplication.primaryScreen().geometry()
        margin = self._look.px(12)
        self.move(screen.right() - self.width() - margin, screen.top() + margin)
        self.show()
        self.raise_()
        self._stay.start()

    def disappear(self) -> None:
        """Be gone."""
        self._stay.stop()
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 (Qt's signature)
        QPainter(self).fillRect(self.rect(), self._look.color("background"))
