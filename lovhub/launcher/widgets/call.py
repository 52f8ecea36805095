"""Calling somebody from the desk: a button, the question what for, and who is coming."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QWidget,
)

from lovhub.launcher.texts import _, answer_text, call_text
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, Sheet, ShorteningLabel, answers, entry, label
from lovhub.protocol.views import AnswerCode, CallReason, CallView

LONGEST_TEXT = 200
COLUMNS = 2


class CallDesk(QWidget):
    """The button and what became of the call. `behind` is what the question covers.

    Signals:
        call_wanted(reason, text): confirmed by the player.
    """

    call_wanted = Signal(str, str)

    def __init__(self, look: Look, behind: QWidget) -> None:
        super().__init__()
        self._look = look
        self.state = ShorteningLabel("warning", "callState")
        self.button = Button(_("Позвать администратора"), "", "callDesk")
        self._sheet = Sheet(behind, look, 620)
        self._sheet.setObjectName("callSheet")
        self.reasons: dict[CallReason, Button] = {
            "device": Button(_("Мышь, клавиатура, звук"), "choice", "callDevice"),
            "game": Button(_("Игра"), "choice", "callGame"),
            "money": Button(_("Деньги и время"), "choice", "callMoney"),
            "other": Button(_("Другое"), "choice", "callOther"),
        }
        self.text = entry("callText", _("Подробнее, если хотите"), longest=LONGEST_TEXT)
        self.error = label("", "error", "callError", wrap=True)
        self.confirm = Button(_("Позвать"), "primary", "confirmCall")
        self.cancel = Button(_("Отмена"), "", "cancelCall")
        self._arrange()
        self._connect()
        self.show_call(None)

    def _arrange(self) -> None:
        px = self._look.px
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(px(16))
        across.addWidget(self.state)
        across.addWidget(self.button)
        grid = QGridLayout()
        grid.setSpacing(px(12))
        for index, button in enumerate(self.reasons.values()):
            button.setCheckable(True)
            grid.addWidget(button, index // COLUMNS, index % COLUMNS)
        buttons = answers(self._look, self.confirm, self.cancel)
        body = self._sheet.body
        body.addWidget(label(_("Что случилось?"), "title"))
        body.addLayout(grid)
        body.addWidget(self.text)
        body.addWidget(self.error)
        body.addLayout(buttons)

    def _connect(self) -> None:
        self.button.clicked.connect(self._ask)
        for button in self.reasons.values():
            button.clicked.connect(lambda _checked=False, chosen=button: self._chosen(chosen))
        self.text.returnPressed.connect(self._call)
        self.confirm.clicked.connect(self._call)
        self.cancel.clicked.connect(self._sheet.dismiss)

    def show_call(self, call: CallView | None) -> None:
        """What became of the call: the desk knows, somebody is coming, or there is none."""
        self.state.setText(call_text(call))
        self.state.setVisible(call is not None)
        text = _("Позвать администратора") if call is None else _("Позвать ещё раз")
        self.button.setText(text)
        self.button.setAccessibleName(text)

    def show_answer(self, code: AnswerCode) -> None:
        """The call was answered: the desk has it, or say why not."""
        self._set_busy(busy=False)
        if code == "ok":
            self.close_question()
            return
        self.error.setText(answer_text(code))
        self.error.show()
        self.confirm.setFocus()

    def close_question(self) -> None:
        """Take the question away, if there is one."""
        self._set_busy(busy=False)
        self._sheet.dismiss()

    def _ask(self) -> None:
        for button in self.reasons.values():
            button.setChecked(False)
        self.text.clear()
        self.error.hide()
        self._set_busy(busy=False)
        self._sheet.present(self.reasons["device"])

    def _chosen(self, chosen: Button) -> None:
        for button in self.reasons.values():
            button.setChecked(button is chosen)
        self._set_busy(busy=False)
        self.text.setFocus(Qt.FocusReason.TabFocusReason)

    def _reason(self) -> CallReason | None:
        return next((code for code, button in self.reasons.items() if button.isChecked()), None)

    def _call(self) -> None:
        reason = self._reason()
        if reason is None or not self.confirm.isEnabled():
            return
        self.error.hide()
        self._set_busy(busy=True)
        self.call_wanted.emit(reason, self.text.text().strip())

    def _set_busy(self, *, busy: bool) -> None:
        self.confirm.setEnabled(not busy and self._reason() is not None)
