"""The way in for a technician with a code: a small button; what is behind it is made when it is first pressed."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from lovhub.launcher.later import Later
from lovhub.launcher.texts import _
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button
from lovhub.protocol.views import AnswerCode

if TYPE_CHECKING:
    from lovhub.launcher.widgets.technician_sheet import TechnicianSheet


class TechnicianDoor(QWidget):
    """The button, shown where a code opens this PC. `behind` is what its sheet covers.

    Signals:
        code_wanted(code): typed, and confirmed.
    """

    code_wanted = Signal(str)

    def __init__(self, look: Look, behind: QWidget) -> None:
        super().__init__()
        self._look = look
        self._behind = behind
        self._number = ""
        self._sheet = Later(self._make)
        self.button = Button(_("Техник"), "badge", "technician")
        self.button.clicked.connect(self._open)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(self.button)
        self.hide()

    @property
    def sheet(self) -> "TechnicianSheet":
        """Where the code is typed."""
        return self._sheet()

    def _make(self) -> "TechnicianSheet":
        from lovhub.launcher.widgets.technician_sheet import TechnicianSheet  # noqa: PLC0415 (not before the lock is up)

        made = TechnicianSheet(self._behind, self._look)
        made.code_wanted.connect(self.code_wanted)
        return made

    def show_number(self, number: str) -> None:
        """The lock's number at this moment; "" where no code opens this PC."""
        self._number = number
        self.setVisible(bool(number))
        if self._sheet.there is None:
            return
        self.sheet.show_number(number)
        if not number:
            self.close_sheet()

    def show_answer(self, code: AnswerCode) -> None:
        """Whether the code has opened the PC."""
        self.sheet.show_answer(code)

    def close_sheet(self) -> None:
        """Take it away, with what was typed."""
        if self._sheet.there is not None:
            self.sheet.dismiss()

    def _open(self) -> None:
        self.sheet.begin(self._number)
