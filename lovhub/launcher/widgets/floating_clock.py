"""The time left as a small clock over a borderless game. It takes neither the keyboard nor a click from it."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout

from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Countdown
from lovhub.launcher.widgets.over_game import OverGame

OPACITY = 0.85


class FloatingClock(OverGame):
    """Stands in the upper right corner while a game runs."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "floatingClock", lets_clicks_through=True)
        self.setWindowOpacity(OPACITY)
        self.time = Countdown("floating", "floatingTime")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(look.px(14), look.px(4), look.px(14), look.px(4))
        layout.addWidget(self.time)

    def show_seconds_left(self, seconds_left: int) -> None:
        """A second has passed."""
        self.time.show_seconds(seconds_left)

    def appear(self) -> None:
        """Be there from now on, in the corner."""
        if self.isVisible():
            return
        self.ensurePolished()
        self.adjustSize()
        screen = QGuiApplication.primaryScreen().geometry()
        margin = self._look.px(12)
        self.move(screen.right() - self.width() - margin, screen.top() + margin)
        super().appear()
