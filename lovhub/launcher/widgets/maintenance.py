"""The bar at the top of a PC that a technician has open: whoever passes sees what this is, and until when."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from lovhub.launcher.texts import _, format_countdown
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, label, restyle
from lovhub.protocol.views import MaintenanceView

URGENT_SECONDS = 60


class MaintenanceBar(QWidget):
    """Stays on top and takes no focus: the technician works beneath it.

    Signals:
        end_wanted: the technician is done.
    """

    end_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(
            None,
            Qt.WindowType.Tool
            | Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.WindowStaysOnTopHint,
        )
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("LoVHub")
        self.setObjectName("maintenanceBar")
        self.title = label(_("Обслуживание"), "figure", "maintenanceTitle")
        self.who = label("", "small", "maintenanceWho", wrap=True)
        self.time_left = label("", "figure", "maintenanceTime")
        self.end = Button(_("Закончить"), "primary", "endMaintenance")
        self.end.clicked.connect(self.end_wanted)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.title)
        words.addWidget(self.who)
        frame = QFrame(self)
        frame.setProperty("role", "card")
        inside = QHBoxLayout(frame)
        inside.setContentsMargins(look.px(24), look.px(12), look.px(24), look.px(12))
        inside.setSpacing(look.px(28))
        inside.addLayout(words, 1)
        inside.addWidget(self.time_left)
        inside.addWidget(self.end)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(frame)
        self.setFixedWidth(look.px(820))

    def show_maintenance(self, view: MaintenanceView) -> None:
        """Show who works here, and why."""
        why = view.reason or _("по коду")  # why a code was given is known to the server alone
        self.who.setText(f"{view.who}: {why}")
        self.show_seconds_left(view.seconds_left)
        if not self.isVisible():
            screen = QGuiApplication.primaryScreen().availableGeometry()
            self.adjustSize()
            self.move(screen.center().x() - self.width() // 2, screen.top())
            self.show()
            self.raise_()

    def show_seconds_left(self, seconds_left: int) -> None:
        """A second has passed."""
        self.time_left.setText(format_countdown(seconds_left))
        restyle(self.time_left, "urgent", "true" if seconds_left <= URGENT_SECONDS else "false")
