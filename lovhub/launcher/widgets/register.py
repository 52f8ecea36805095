"""Registration at the PC, where the club lets players do it themselves; made when the button for it is pressed."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout

from lovhub.launcher.texts import _, answer_text
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, answers, entry, label
from lovhub.launcher.widgets.layout_badge import KeyboardRow
from lovhub.protocol.views import AnswerCode

LEFT_ALONE_MILLISECONDS = 120_000
"""What somebody has typed and left standing is not for the next one."""


class RegisterCard(QFrame):
    """Login, phone and password of a new customer.

    Signals:
        register_wanted(login, phone, password): typed and sent off. back_wanted(): not now, or left alone.
    """

    register_wanted = Signal(str, str, str)
    back_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("registerCard")
        self.setProperty("role", "card")
        self.setFixedWidth(look.px(600))
        self.login = entry("registerLogin", _("Придумайте логин"))
        self.phone = entry("registerPhone", _("Телефон, если хотите входить и по нему"))
        self.password = entry("registerPassword", _("Придумайте пароль"), is_secret=True)
        self.repeated = entry("registerRepeated", _("Пароль ещё раз"), is_secret=True)
        self.error = label("", "error", "registerError", wrap=True)
        self.keyboard = KeyboardRow(look, "register")
        self.submit = Button(_("Зарегистрироваться"), "primary", "confirmRegister")
        self.back = Button(_("Назад"), "", "registerBack")
        self._left_alone = QTimer(self, singleShot=True, interval=LEFT_ALONE_MILLISECONDS)
        self._arrange(look)
        self._connect()

    def _arrange(self, look: Look) -> None:
        px = look.px
        buttons = answers(look, self.submit, self.back)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(40), px(28), px(40), px(36))
        layout.setSpacing(px(12))
        layout.addWidget(label(_("Регистрация"), "title"))
        for field in self._fields():
            layout.addWidget(field)
        layout.addWidget(self.error)
        layout.addLayout(self.keyboard)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self.submit.clicked.connect(self._submit)
        self.back.clicked.connect(self.back_wanted)
        self._left_alone.timeout.connect(self.back_wanted)
        for field in self._fields():
            field.returnPressed.connect(self._submit)
            field.textEdited.connect(self._left_alone.start)

    def clear(self) -> None:
        """Nothing typed, and nobody there."""
        for field in self._fields():
            field.clear()
        self.error.hide()
        self.submit.setEnabled(True)
        self._left_alone.stop()

    def start_afresh(self) -> None:
        """Somebody begins, with nothing typed."""
        self.clear()
        self._left_alone.start()
        self.login.setFocus(Qt.FocusReason.TabFocusReason)

    def show_answer(self, code: AnswerCode) -> None:
        """Registered, which also signs in; or why not."""
        self.submit.setEnabled(True)
        if code == "ok":
            return
        asked_for = {"phone_malformed": self.phone}.get(
            code, self.password if code.startswith("password") else self.login
        )
        self._ask_for(asked_for, answer_text(code))

    def _fields(self) -> tuple[QLineEdit, ...]:
        return self.login, self.phone, self.password, self.repeated

    def _submit(self) -> None:
        if not self.submit.isEnabled():
            return
        login, password = self.login.text().strip(), self.password.text()
        typing = next((field for field in self._fields() if field.hasFocus()), None)
        if not login:
            self._ask_for(self.login, _("Введите логин."))
        elif typing is self.login:
            self._ask_for(self.phone, "")
        elif not password:
            asked_for = "" if typing is self.phone else _("Придумайте новый пароль.")
            self._ask_for(self.password, asked_for)
        elif not self.repeated.text():
            asked_for = "" if typing is self.password else _("Повторите пароль.")
            self._ask_for(self.repeated, asked_for)
        elif password != self.repeated.text():
            self.repeated.clear()
            self._ask_for(self.repeated, _("Пароли не совпали. Повторите ещё раз."))
        else:
            self.error.hide()
            self.submit.setEnabled(False)
            self.register_wanted.emit(login, self.phone.text().strip(), password)

    def _ask_for(self, field: QLineEdit, text: str) -> None:
        self.error.setText(text)
        self.error.setVisible(bool(text))
        field.setFocus()
