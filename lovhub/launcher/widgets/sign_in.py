"""The card where a player signs in: with login and password, or with a code from the desk.

Whoever forgot the password types the desk's PIN instead of it, and is then asked for a new password.
"""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from lovhub.launcher.texts import _, answer_text
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, entry, label, restyle
from lovhub.launcher.widgets.layout_badge import KeyboardRow
from lovhub.protocol.views import AnswerCode

ACCOUNT, CODE, NEW_PASSWORD = range(3)
"""What the card shows."""

LEFT_ALONE_MILLISECONDS = 120_000
"""A PIN that was typed and left standing: the next player must not choose somebody else's password."""

_KEEPS_PIN = frozenset(
    {"password_too_short", "password_too_long", "server_unreachable", "server_error"}
)
"""Answers after which a new password may be tried again; after all others one signs in afresh."""


class SignInCard(QFrame):
    """Login and password, or a code, or a new password after a PIN.

    Signals:
        sign_in_wanted(login, password), new_password_wanted(login, pin, password), code_wanted(code): the
        player pressed Enter or the button. registration_wanted(): somebody has no login yet.
    """

    sign_in_wanted = Signal(str, str)
    new_password_wanted = Signal(str, str, str)
    code_wanted = Signal(str)
    registration_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setFixedWidth(look.px(600))
        self._look = look
        self.login = entry("login", _("Логин или телефон"), is_labelled=True)
        self.password = entry("password", _("Пароль"), is_secret=True, is_labelled=True)
        self.code = entry("code", _("Код от администратора"), is_labelled=True)
        self.new_password = entry(
            "newPassword", _("Новый пароль"), is_secret=True, is_labelled=True
        )
        self.repeated = entry(
            "repeatedPassword", _("Новый пароль ещё раз"), is_secret=True, is_labelled=True
        )
        self._pin = ""
        self._left_alone = QTimer(self, singleShot=True, interval=LEFT_ALONE_MILLISECONDS)
        self.error = label("", "error", "signInError", wrap=True)
        self.keyboard = KeyboardRow(look, "signIn")
        self.submit = Button(_("Войти"), "primary", "signIn")
        self.register = Button(_("Зарегистрироваться"), "", "register")
        self.register.hide()
        self._eye = self._make_eye()
        self._fields = QStackedWidget()
        self._tab_account = Button(_("Логин и пароль"), "tab", "accountTab")
        self._tab_code = Button(_("Код от администратора"), "tab", "codeTab")
        self._arrange()
        self._connect()

    # --- building -------------------------------------------------------------------------------

    def _make_eye(self) -> Button:
        eye = Button("", "eye", "showPassword")
        eye.setCheckable(True)
        eye.setIcon(_eye_icon(self._look, open_eye=True))
        eye.setIconSize(QSize(self._look.px(26), self._look.px(26)))
        eye.setAccessibleName(_("Показать пароль"))
        eye.setToolTip(_("Показать пароль"))
        return eye

    def _arrange(self) -> None:
        px = self._look.px
        tabs = QHBoxLayout()
        tabs.setSpacing(px(24))
        group = QButtonGroup(self)
        for index, tab in enumerate((self._tab_account, self._tab_code)):
            tab.setCheckable(True)
            group.addButton(tab, index)
            tabs.addWidget(tab)
        tabs.addStretch()
        self._tab_account.setChecked(True)

        password_row = QHBoxLayout()
        password_row.setSpacing(px(6))
        password_row.addWidget(self.password)
        password_row.addWidget(self._eye)
        account = QWidget()
        account_layout = QVBoxLayout(account)
        code = QWidget()
        code_layout = QVBoxLayout(code)
        for layout in (account_layout, code_layout):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(px(8))
        account_layout.addWidget(label(_("Логин или телефон"), "field"))
        account_layout.addWidget(self.login)
        account_layout.addSpacing(px(8))
        account_layout.addWidget(label(_("Пароль"), "field"))
        account_layout.addLayout(password_row)
        self._forgotten = label(
            _("Забыли пароль? Администратор выдаст ПИН: введите его вместо пароля."),
            "small",
            wrap=True,
        )
        account_layout.addWidget(self._forgotten)
        code_layout.addWidget(label(_("Код"), "field"))
        code_layout.addWidget(self.code)
        code_layout.addWidget(
            label(_("Без аккаунта? Код выдаёт администратор за стойкой."), "small", wrap=True)
        )
        code_layout.addStretch()
        for page in (account, code, self._renewal()):
            self._fields.addWidget(page)

        outer = QVBoxLayout(self)
        outer.setContentsMargins(px(40), px(28), px(40), px(36))
        outer.setSpacing(px(14))
        outer.addLayout(tabs)
        outer.addSpacing(px(6))
        outer.addWidget(self._fields)
        outer.addWidget(self.error)
        outer.addLayout(self.keyboard)
        outer.addWidget(self.submit)
        outer.addWidget(self.register)
        for before, after in (
            (self.login, self.password),
            (self.password, self._eye),
            (self._eye, self.submit),
            (self.submit, self.register),
            (self.register, self._tab_account),
            (self._tab_account, self._tab_code),
            (self.new_password, self.repeated),
        ):
            QWidget.setTabOrder(before, after)
        self.error.hide()

    def _renewal(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self._look.px(8))
        layout.addWidget(label(_("Придумайте новый пароль"), "field"))
        layout.addWidget(self.new_password)
        layout.addSpacing(self._look.px(8))
        layout.addWidget(label(_("Новый пароль ещё раз"), "field"))
        layout.addWidget(self.repeated)
        layout.addStretch()
        return page

    def _connect(self) -> None:
        self._tab_account.clicked.connect(lambda: self._choose(ACCOUNT))
        self._tab_code.clicked.connect(lambda: self._choose(CODE))
        self._eye.toggled.connect(lambda shown: self._show_password(shown=shown))
        self.submit.clicked.connect(self._submit)
        self.register.clicked.connect(self.registration_wanted)
        for field in self._entries():
            field.returnPressed.connect(self._submit)
            field.textEdited.connect(self._clear_error)
        self._left_alone.timeout.connect(self.start_afresh)
        for field in (self.new_password, self.repeated):
            field.textEdited.connect(self._left_alone.start)

    # --- what others do with it -----------------------------------------------------------------

    def start_afresh(self) -> None:
        """Empty, for the next player."""
        for field in self._entries():
            field.clear()
        self._pin = ""
        self._left_alone.stop()
        self._eye.setChecked(False)
        self._clear_error()
        self.set_busy(busy=False)
        self._choose(ACCOUNT)

    def set_busy(self, *, busy: bool) -> None:
        """While an answer is awaited nothing can be typed or sent twice."""
        for widget in (
            *self._entries(),
            self._eye,
            self._tab_account,
            self._tab_code,
        ):
            widget.setEnabled(not busy)
        self.submit.setEnabled(not busy)
        if busy:
            self.submit.setText(_("Входим…"))
        elif self._fields.currentIndex() == NEW_PASSWORD:
            self.submit.setText(_("Сохранить и войти"))
        else:
            self.submit.setText(_("Войти"))

    def show_answer(self, code: AnswerCode) -> None:
        """The request was answered: say what went wrong, with the cursor where it is put right."""
        self.set_busy(busy=False)
        if code == "ok":
            return
        shown = self._fields.currentIndex()
        if code == "new_password_needed":
            self._ask_for_new_password()
            return
        if shown == NEW_PASSWORD and code not in _KEEPS_PIN:
            # The PIN is used up, or the password is set and something else is in the way.
            self.password.clear()
            self._choose(ACCOUNT)
        self.error.setText(answer_text(code))
        self.error.show()
        if shown == NEW_PASSWORD and code in _KEEPS_PIN:
            wrong = self.new_password
        elif shown == CODE:
            wrong = self.code
        elif code == "wrong_credentials":
            wrong = self.password
            self.password.clear()
        else:
            wrong = self.password
        if code in ("wrong_credentials", "wrong_code"):
            restyle(wrong, "wrong", "true")
        wrong.setFocus()
        wrong.selectAll()

    def offer_registration(self, *, offered: bool) -> None:
        """Whether players register here by themselves."""
        self.register.setVisible(offered)

    def offer_pin(self, *, offered: bool) -> None:
        """Whether the desk can help whoever has forgotten their password: only the server knows the PIN."""
        self._forgotten.setVisible(offered)

    def offer_code(self, *, offered: bool) -> None:
        """Whether a guest may sit down here: not where a customer's session stands still."""
        self._tab_code.setVisible(offered)
        if not offered and self._fields.currentIndex() == CODE:
            self._choose(ACCOUNT)

    def focus_first(self) -> None:
        """The cursor in the first field that is empty."""
        shown = self._fields.currentIndex()
        if shown == CODE:
            self.code.setFocus()
        elif shown == NEW_PASSWORD:
            self.new_password.setFocus()
        else:
            (self.password if self.login.text() else self.login).setFocus()

    # --- inside ---------------------------------------------------------------------------------

    def _entries(self) -> tuple[QLineEdit, ...]:
        return self.login, self.password, self.code, self.new_password, self.repeated

    def _ask_for_new_password(self) -> None:
        """The PIN was right: it moves out of sight, and nobody plays before there is a new password."""
        self._pin = self.password.text()
        self.password.clear()
        self.new_password.clear()
        self.repeated.clear()
        self._choose(NEW_PASSWORD)
        self._left_alone.start()

    def _choose(self, index: int) -> None:
        (self._tab_code if index == CODE else self._tab_account).setChecked(True)
        self._fields.setCurrentIndex(index)
        self.set_busy(busy=False)
        self._clear_error()
        self.focus_first()

    def _show_password(self, *, shown: bool) -> None:
        self.password.setEchoMode(
            QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        )
        self._eye.setIcon(_eye_icon(self._look, open_eye=not shown))
        text = _("Скрыть пароль") if shown else _("Показать пароль")
        self._eye.setAccessibleName(text)
        self._eye.setToolTip(text)

    def _submit(self) -> None:
        if not self.submit.isEnabled():
            return
        if self._fields.currentIndex() == NEW_PASSWORD:
            self._submit_new_password()
            return
        if self._fields.currentIndex() == CODE:
            code = self.code.text().strip()
            if not code:
                self._ask_for(self.code, _("Введите код."))
                return
            self.set_busy(busy=True)
            self.code_wanted.emit(code)
            return
        login, password = self.login.text().strip(), self.password.text()
        if not login:
            self._ask_for(self.login, _("Введите логин."))
        elif not password:
            # With Enter in the login field many go on to the password: no reproach for that.
            asked_for = "" if self.login.hasFocus() else _("Введите пароль.")
            self._ask_for(self.password, asked_for)
        else:
            self.set_busy(busy=True)
            self.sign_in_wanted.emit(login, password)

    def _submit_new_password(self) -> None:
        password, repeated = self.new_password.text(), self.repeated.text()
        if not password:
            self._ask_for(self.new_password, _("Придумайте новый пароль."))
        elif not repeated:
            asked_for = "" if self.new_password.hasFocus() else _("Повторите пароль.")
            self._ask_for(self.repeated, asked_for)
        elif password != repeated:
            self.repeated.clear()
            self._ask_for(self.repeated, _("Пароли не совпали. Повторите ещё раз."))
        else:
            self._left_alone.stop()
            self.set_busy(busy=True)
            self.new_password_wanted.emit(self.login.text().strip(), self._pin, password)

    def _ask_for(self, field: QLineEdit, text: str) -> None:
        self.error.setText(text)
        self.error.setVisible(bool(text))
        field.setFocus()

    def _clear_error(self) -> None:
        self.error.hide()
        for field in self._entries():
            restyle(field, "wrong", "false")


def _eye_icon(look: Look, *, open_eye: bool) -> QIcon:
    side = look.px(26) * 2
    pixmap = QPixmap(side, side)
    pixmap.fill(QColor(0, 0, 0, 0))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(look.color("muted"), side * 0.07, c=Qt.PenCapStyle.RoundCap))
    eye = QPainterPath(QPointF(side * 0.08, side * 0.5))
    eye.quadTo(QPointF(side * 0.5, side * 0.02), QPointF(side * 0.92, side * 0.5))
    eye.quadTo(QPointF(side * 0.5, side * 0.98), QPointF(side * 0.08, side * 0.5))
    painter.drawPath(eye)
    pupil = side * 0.24
    painter.drawEllipse(QRectF((side - pupil) / 2, (side - pupil) / 2, pupil, pupil))
    if not open_eye:
        painter.drawLine(QPointF(side * 0.16, side * 0.88), QPointF(side * 0.84, side * 0.12))
    painter.end()
    return QIcon(pixmap)
