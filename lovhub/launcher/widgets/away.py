"""«Отойти»: the button in the player's window, and what the lock shows until they are back."""

from PySide6.QtCore import QRegularExpression, Qt, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from lovhub.launcher.texts import _, answer_text, format_countdown
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, Sheet, answers, entry, label
from lovhub.launcher.widgets.layout_badge import KeyboardRow
from lovhub.protocol.views import AnswerCode


class StepAway(QWidget):
    """The button, and the question for digits where nothing was typed at signing in.

    Signals:
        step_away_wanted(digits): "" where they are not needed.
    """

    step_away_wanted = Signal(str)

    def __init__(self, look: Look, behind: QWidget) -> None:
        super().__init__()
        self._needs_digits = False
        self.button = Button(_("Отойти"), "", "stepAway")
        self.button.clicked.connect(self._asked)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(self.button)
        self._sheet = Sheet(behind, look, 580)
        self._sheet.setObjectName("stepAwaySheet")
        self.digits = entry("awayDigits", _("Код для возвращения"), is_secret=True)
        self.digits.setValidator(QRegularExpressionValidator(QRegularExpression(r"\d{0,12}")))
        self.error = label("", "error", "stepAwayError", wrap=True)
        self.confirm = Button(_("Запереть экран"), "primary", "confirmStepAway")
        self.cancel = Button(_("Отмена"), "", "cancelStepAway")
        self.confirm.clicked.connect(self._confirmed)
        self.digits.returnPressed.connect(self._confirmed)
        self.cancel.clicked.connect(self._sheet.dismiss)
        buttons = answers(look, self.confirm, self.cancel)
        body = self._sheet.body
        body.addWidget(label(_("Отойти"), "title"))
        text = _(
            "Время идёт дальше. Придумайте код из четырёх цифр или длиннее: им вы откроете экран."
        )
        body.addWidget(label(text, "subtitle", wrap=True))
        body.addWidget(self.digits)
        body.addWidget(self.error)
        body.addLayout(buttons)

    def show_needs_digits(self, *, needs_digits: bool) -> None:
        """Whether a code must be chosen here."""
        self._needs_digits = needs_digits

    def show_answer(self, code: AnswerCode) -> None:
        """Away, or why not."""
        if code == "ok":
            self.close_question()
            return
        text = _("Нужно не меньше четырёх цифр.") if "password" in code else answer_text(code)
        self.error.setText(text)
        self.error.show()
        if self._sheet.isHidden():
            self._ask()
            self.error.setText(text)

    def close_question(self) -> None:
        """Take the question away, if there is one."""
        self.digits.clear()
        self._sheet.dismiss()

    def _asked(self) -> None:
        if self._needs_digits:
            self._ask()
        else:
            self.step_away_wanted.emit("")

    def _ask(self) -> None:
        self.digits.clear()
        self.error.hide()
        self._sheet.present(self.digits)

    def _confirmed(self) -> None:
        self.step_away_wanted.emit(self.digits.text())


class AwayCard(QFrame):
    """On the lock: the player is away, time runs, and what brings them back.

    Signals:
        come_back_wanted(secret): typed by whoever stands there.
    """

    come_back_wanted = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("awayCard")
        self.setProperty("role", "card")
        self.setFixedWidth(look.px(600))
        px = look.px
        self.time = label("", "timer", "awayTime")
        self.secret = entry("awaySecret", _("Пароль или код"), is_secret=True)
        self.error = label("", "error", "awayError", wrap=True)
        self.keyboard = KeyboardRow(look, "away")
        self.submit = Button(_("Вернуться"), "primary", "comeBack")
        self.submit.clicked.connect(self._submitted)
        self.secret.returnPressed.connect(self._submitted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(44), px(36), px(44), px(36))
        layout.setSpacing(px(14))
        layout.addWidget(label(_("Игрок отошёл"), "title"))
        layout.addWidget(self.time)
        layout.addWidget(
            label(
                _("Время идёт. Откройте экран тем, чем вошли: паролем или кодом."),
                "subtitle",
                wrap=True,
            )
        )
        layout.addWidget(self.secret)
        layout.addWidget(self.error)
        layout.addLayout(self.keyboard)
        layout.addWidget(self.submit)
        self.error.hide()

    def start_afresh(self) -> None:
        """Nothing typed, the cursor where it belongs."""
        self.secret.clear()
        self.error.hide()
        self.secret.setFocus(Qt.FocusReason.TabFocusReason)

    def show_seconds_left(self, seconds_left: int) -> None:
        """A second has passed."""
        self.time.setText(format_countdown(seconds_left))

    def show_answer(self, code: AnswerCode) -> None:
        """Back, or why not."""
        self.submit.setEnabled(True)
        if code == "ok":
            return
        wrong = code == "wrong_credentials"
        self.error.setText(_("Неверный пароль или код.") if wrong else answer_text(code))
        self.error.show()
        self.secret.clear()
        self.secret.setFocus()

    def _submitted(self) -> None:
        if self.secret.text() and self.submit.isEnabled():
            self.submit.setEnabled(False)
            self.come_back_wanted.emit(self.secret.text())
