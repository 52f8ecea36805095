"""The cards of the lock, one at a time."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget


class Pages(QStackedWidget):
    """Each card at the right, in the middle of the height; or, if it `fills`, over all there is."""

    def __init__(self) -> None:
        super().__init__()
        self._frames: dict[QWidget, QWidget] = {}

    def add(self, card: QWidget, *, fills: bool = False) -> None:
        """One more."""
        frame = QWidget()
        across = QHBoxLayout(frame)
        across.setContentsMargins(0, 0, 0, 0)
        if fills:
            across.addWidget(card, 1)
        else:
            across.addStretch()
            across.addWidget(card, 0, Qt.AlignmentFlag.AlignVCenter)
        self.addWidget(frame)
        self._frames[card] = frame

    def turn_to(self, card: QWidget) -> None:
        """Show this one."""
        self.setCurrentWidget(self._frames[card])
