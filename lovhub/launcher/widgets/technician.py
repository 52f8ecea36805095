"""How a technician gets in by a code, with a link or without: the lock's number to read out, a field for the code."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from lovhub.launcher.texts import _, answer_text
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, Sheet, entry, label
from lovhub.protocol.upkeep_code import CODE_DIGITS, digits_of, grouped
from lovhub.protocol.views import AnswerCode

LONGEST_TYPED = 30
SHEET_WIDTH = 640


class TechnicianDoor(QWidget):
    """The button, and the sheet behind it, made when it is first pressed. `behind` is what the sheet covers.

    Signals:
        code_wanted(code): typed, and confirmed.
    """

    code_wanted = Signal(str)

    def __init__(self, look: Look, behind: QWidget) -> None:
        super().__init__()
        self._look = look
        self._behind = behind
        self._number = ""
        self._is_made = False
        self.button = Button(_("Техник"), "badge", "technician")
        self.button.clicked.connect(self._open)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(self.button)
        self.hide()

    def _make(self) -> None:
        self._is_made = True
        self._sheet = Sheet(self._behind, self._look, SHEET_WIDTH)
        self._sheet.setObjectName("technicianSheet")
        self.number = label("", "timer", "lockNumber")
        self.code = entry("technicianCode", _("Код, двенадцать цифр"), longest=LONGEST_TYPED)
        self.error = label("", "error", "technicianError", wrap=True)
        self.confirm = Button(_("Открыть ПК"), "primary", "technicianEnter")
        self.cancel = Button(_("Отмена"), "", "technicianCancel")
        buttons = QHBoxLayout()
        buttons.setSpacing(self._look.px(12))
        buttons.addWidget(self.confirm, 1)
        buttons.addWidget(self.cancel)
        body = self._sheet.body
        body.addWidget(label(_("Для техника"), "title"))
        body.addWidget(label(_("Номер этого замка"), "field"))
        body.addWidget(self.number)
        body.addWidget(
            label(
                _(
                    "Впишите номер в админке: страница этого ПК, «Код техника». Код именной и подходит один раз."
                ),
                "small",
                wrap=True,
            )
        )
        body.addWidget(self.code)
        body.addWidget(self.error)
        body.addLayout(buttons)
        self.code.returnPressed.connect(self._enter)
        self.confirm.clicked.connect(self._enter)
        self.cancel.clicked.connect(self._sheet.dismiss)
        self._sheet.closed.connect(self._start_afresh)

    def show_number(self, number: str) -> None:
        """The lock's number at this moment; "" where no code opens this PC."""
        self._number = number
        self.setVisible(bool(number))
        if not self._is_made:
            return
        self.number.setText(grouped(number, 3))
        if not number:
            self.close_sheet()

    def show_answer(self, code: AnswerCode) -> None:
        """Whether the code has opened the PC."""
        self._set_busy(busy=False)
        if code == "ok":
            self.close_sheet()
            return
        self.error.setText(
            {
                "wrong_code": _("Код не подошёл. Проверьте цифры; на новый номер нужен новый код."),
                "too_many_attempts": _(
                    "Слишком много ошибок. Подождите: с каждой следующей дольше, до 15 минут."
                ),
                "server_error": _(
                    "ПК не может записать это на диск: проверьте, есть ли на нём место."
                ),
            }.get(code, answer_text(code))
        )
        self.error.show()
        self.code.selectAll()
        self.code.setFocus()

    def close_sheet(self) -> None:
        """Take it away, with what was typed."""
        if self._is_made:
            self._sheet.dismiss()

    def _open(self) -> None:
        if not self._is_made:
            self._make()
        self._start_afresh()
        self.number.setText(grouped(self._number, 3))
        self._sheet.present(self.code)

    def _start_afresh(self) -> None:
        self.code.clear()
        self.error.hide()
        self._set_busy(busy=False)

    def _enter(self) -> None:
        if not self.confirm.isEnabled():
            return
        typed = digits_of(self.code.text())
        if len(typed) != CODE_DIGITS:
            self.error.setText(_("В коде двенадцать цифр."))
            self.error.show()
            return
        self.error.hide()
        self._set_busy(busy=True)
        self.code_wanted.emit(typed)

    def _set_busy(self, *, busy: bool) -> None:
        self.confirm.setEnabled(not busy)
