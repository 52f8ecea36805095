"""The upper edge of the player's window: who plays where, with what money, and for how long yet."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from lovhub.launcher.texts import _
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, Countdown, ShorteningLabel, label
from lovhub.launcher.widgets.paying import Paying


class Header(QFrame):
    """Who plays where, with what money, and for how long yet."""

    def __init__(self, look: Look, paying: Paying) -> None:
        super().__init__()
        self.setProperty("role", "header")
        px = look.px
        self.computer = label("", "badge", "headerComputer")
        self.customer = ShorteningLabel("figure", "headerCustomer")
        self.tariff = ShorteningLabel("small", "headerTariff")
        self.balance = label("", "figure", "headerBalance")
        self.time_left = Countdown("timer", "timeLeft")
        self.more_time = Button(_("Ещё время"), "primary", "moreTime")
        self.leave = Button(_("Выйти"), "", "leave")
        who = QVBoxLayout()
        who.setSpacing(px(2))
        name_row = QHBoxLayout()
        name_row.setSpacing(px(14))
        name_row.addWidget(self.computer)
        name_row.addWidget(self.customer, 1)
        who.addLayout(name_row)
        who.addWidget(self.tariff)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(px(40), px(16), px(40), px(16))
        layout.setSpacing(px(28))
        layout.addLayout(who, 1)
        layout.addWidget(paying)
        layout.addLayout(_captioned(_("Баланс"), self.balance))
        layout.addLayout(_captioned(_("Осталось"), self.time_left))
        buttons = QHBoxLayout()
        buttons.setSpacing(px(12))
        buttons.addWidget(self.more_time)
        buttons.addWidget(self.leave)
        layout.addLayout(buttons)

    def show_seconds_left(self, seconds_left: int, *, in_minutes: bool) -> None:
        """The big clock."""
        self.time_left.show_seconds(seconds_left, in_minutes=in_minutes)


def _captioned(caption: str, value: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(0)
    column.addWidget(label(caption, "small"), 0, Qt.AlignmentFlag.AlignRight)
    column.addWidget(value, 0, Qt.AlignmentFlag.AlignRight)
    return column
