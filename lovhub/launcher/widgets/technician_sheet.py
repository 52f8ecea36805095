"""Where a technician reads the lock's number and types the code that answers it, with a link or without."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from lovhub.launcher.texts import _, answer_text
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, Sheet, answers, entry, label
from lovhub.protocol.upkeep_code import CODE_DIGITS, digits_of, grouped
from lovhub.protocol.views import AnswerCode

LONGEST_TYPED = 30
SHEET_WIDTH = 640


class TechnicianSheet(Sheet):
    """The number, and a field for the code.

    Signals:
        code_wanted(code): typed, and confirmed.
    """

    code_wanted = Signal(str)

    def __init__(self, behind: QWidget, look: Look) -> None:
        super().__init__(behind, look, SHEET_WIDTH)
        self.setObjectName("technicianSheet")
        self.number = label("", "timer", "lockNumber")
        self.code = entry("technicianCode", _("Код, двенадцать цифр"), longest=LONGEST_TYPED)
        self.error = label("", "error", "technicianError", wrap=True)
        self.confirm = Button(_("Открыть ПК"), "primary", "technicianEnter")
        self.cancel = Button(_("Отмена"), "", "technicianCancel")
        buttons = answers(look, self.confirm, self.cancel)
        how = _(
            "Впишите номер в админке: страница этого ПК, «Код техника». Код именной и подходит один раз."
        )
        self.body.addWidget(label(_("Для техника"), "title"))
        self.body.addWidget(label(_("Номер этого замка"), "field"))
        self.body.addWidget(self.number)
        self.body.addWidget(label(how, "small", wrap=True))
        self.body.addWidget(self.code)
        self.body.addWidget(self.error)
        self.body.addLayout(buttons)
        self.code.returnPressed.connect(self._enter)
        self.confirm.clicked.connect(self._enter)
        self.cancel.clicked.connect(self.dismiss)
        self.closed.connect(self._start_afresh)

    def begin(self, number: str) -> None:
        """Somebody wants to come in."""
        self._start_afresh()
        self.show_number(number)
        self.present(self.code)

    def show_number(self, number: str) -> None:
        """The lock's number at this moment."""
        self.number.setText(grouped(number, 3))

    def show_answer(self, code: AnswerCode) -> None:
        """Whether the code has opened the PC."""
        self._set_busy(busy=False)
        if code == "ok":
            self.dismiss()
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
