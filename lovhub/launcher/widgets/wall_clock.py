"""The time of day and the date, at the top of the lock."""

from datetime import UTC, datetime

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lovhub.clock import Clock
from lovhub.launcher.widgets.basics import label

EACH_MILLISECONDS = 1_000


class WallClock(QWidget):
    """Stands still while hidden: while somebody plays, nobody reads it."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.time = label("", "clock", "wallClock")
        self.date = label("", "muted", "wallDate")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.time, 0, Qt.AlignmentFlag.AlignRight)
        layout.addWidget(self.date, 0, Qt.AlignmentFlag.AlignRight)
        self._timer = QTimer(self, interval=EACH_MILLISECONDS)
        self._timer.timeout.connect(self._tell)

    def showEvent(self, event: QShowEvent) -> None:
        self._tell()
        self._timer.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)

    def _tell(self) -> None:
        now = datetime.fromtimestamp(self._clock.wall(), UTC).astimezone()
        self.time.setText(f"{now:%H:%M}")
        self.date.setText(f"{now:%d.%m.%Y}")
