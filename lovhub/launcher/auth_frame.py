"""What always stands on the lock, and where.

On the left club, PC, and what is to be done; on the right what to do it with.
"""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from lovhub.clock import Clock
from lovhub.launcher.texts import _
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, label, restyle
from lovhub.launcher.widgets.call import CallDesk
from lovhub.launcher.widgets.message import MessageCard
from lovhub.launcher.widgets.pages import Pages
from lovhub.launcher.widgets.pc_name import PcName
from lovhub.launcher.widgets.sign_in import SignInCard
from lovhub.launcher.widgets.staff import StaffDesk
from lovhub.launcher.widgets.technician import TechnicianDoor
from lovhub.launcher.widgets.wall_clock import WallClock

LONGEST_SHORT_NAME = 8


class AuthFrame(QWidget):
    """The parts of the lock, in their places; what they show and do is `AuthScreen`'s."""

    def __init__(self, look: Look, clock: Clock) -> None:
        super().__init__()
        self.setObjectName("authScreen")
        self._look = look
        self._content = QWidget(self)
        self.club = label("LoVHub", "brand", "clubName")
        self.clock = WallClock(clock)
        self.computer = label("", "hero", "computerName")
        self.kept = label("", "timer", "gamesKept")
        self.hint = label("", "subtitle", "hint", wrap=True)
        self.end_kept = Button(_("Закрыть игру и выйти"), "", "endKept")
        self.notice = label("", "banner", "notice", wrap=True)
        self.link = label("", "small", "linkState")
        self.message = MessageCard(look, "message")
        self.pc_name = PcName(look)
        self.message.add(self.pc_name)
        self.sign_in = SignInCard(look)
        self.call = CallDesk(look, self._content)
        self.staff = StaffDesk(look, self._content)
        self.technician = TechnicianDoor(look, self._content)
        self._pages = Pages()
        self._arrange(look)

    def _arrange(self, look: Look) -> None:
        px = look.px
        for widget in (self.notice, self.kept, self.end_kept):
            widget.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._content)
        self._pages.add(self.message)
        self._pages.add(self.sign_in)

        left = QVBoxLayout()
        left.setSpacing(px(10))
        left.addStretch(3)
        left.addWidget(self.computer)
        left.addWidget(self.kept)
        left.addWidget(self.hint)
        left.addWidget(self.end_kept, 0, Qt.AlignmentFlag.AlignLeft)
        left.addStretch(2)
        middle = QHBoxLayout()
        middle.setSpacing(px(60))
        middle.addLayout(left, 5)
        middle.addWidget(self._pages, 6)
        bottom = QHBoxLayout()
        bottom.setSpacing(px(24))
        bottom.addWidget(self.call)
        bottom.addWidget(self.link)
        bottom.addStretch()
        bottom.addWidget(self.staff)
        bottom.addWidget(self.technician)
        bottom.addWidget(label("LoVHub", "small"))

        grid = QGridLayout(self._content)
        margin = px(72)
        grid.setContentsMargins(margin, px(48), margin, px(36))
        grid.setVerticalSpacing(px(20))
        grid.addWidget(self.club, 0, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(self.clock, 0, 1)
        grid.addWidget(self.notice, 1, 0, 1, 2)
        grid.addLayout(middle, 2, 0, 1, 2)
        grid.addLayout(bottom, 3, 0, 1, 2)
        grid.setRowStretch(2, 1)
        grid.setColumnStretch(0, 1)

    def _name_computer(self, name: str) -> None:
        self.computer.setText(name)
        # A Windows host name is longer than a name given at the desk, and must fit as well.
        restyle(self.computer, "role", "hero" if len(name) <= LONGEST_SHORT_NAME else "longName")
