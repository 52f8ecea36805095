"""What a member of staff does at this PC: signs in, tops up a balance, adds a program. The way out signs them out."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from lovhub.launcher.texts import _, answer_text, format_money
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, Sheet, entry, label
from lovhub.protocol.views import AnswerCode, StaffView

TIYN = 100
MOST_DIGITS = 7
SHEET_WIDTH = 760
LONGEST_PATH = 1024
SIGN_IN, TOP_UP, ADD, CHOOSE = range(4)


class StaffDesk(QWidget):
    """The button, and the sheet behind it, made when it is first pressed. `behind` is what the sheet covers.

    Signals:
        sign_in_wanted(login, password, code), done_wanted(), top_up_wanted(login, amount_tiyn, method),
        add_wanted(path, title, kind): confirmed by the member of staff.
        picked(path): a program was chosen; `show_icon` may answer.
    """

    sign_in_wanted = Signal(str, str, str)
    done_wanted = Signal()
    top_up_wanted = Signal(str, int, str)
    add_wanted = Signal(str, str, str)
    picked = Signal(str)

    def __init__(self, look: Look, behind: QWidget) -> None:
        super().__init__()
        self._look = look
        self._behind = behind
        self._staff: StaffView | None = None
        self._asked = ""
        self._is_made = False
        self.button = Button(_("Для персонала"), "", "staffDesk")
        self.button.clicked.connect(self._open)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(self.button)

    def _make(self) -> None:
        from lovhub.launcher.widgets.files import ProgramChooser  # noqa: PLC0415 (not before the lock is up)

        self._is_made = True
        look = self._look
        self._sheet = Sheet(self._behind, look, SHEET_WIDTH)
        self._sheet.setObjectName("staffSheet")
        self.title = label(_("Для персонала"), "title", "staffTitle", wrap=True)
        self.error = label("", "error", "staffError", wrap=True)
        self.told = label("", "subtitle", "staffTold", wrap=True)
        self.login = entry("staffLogin", _("Ваш логин"))
        self.password = entry("staffPassword", _("Пароль"), is_secret=True)
        self.code = entry("staffCode", _("Код второго фактора"))
        self.enter = Button(_("Войти"), "primary", "staffEnter")
        self.to_top_up = Button(_("Пополнить баланс"), "choice", "staffToTopUp")
        self.to_add = Button(_("Добавить приложение"), "choice", "staffToAdd")
        self.customer = entry("staffCustomer", _("Логин клиента"))
        self.amount = entry("staffAmount", _("Сумма"))
        self.methods = {
            "cash": Button(_("Наличные"), "choice", "staffCash"),
            "card": Button(_("Карта"), "choice", "staffCard"),
        }
        self.top_up = Button("", "primary", "staffTopUp")
        self.path = entry("staffPath", _("Путь к программе"), longest=LONGEST_PATH)
        self.choose = Button(_("Выбрать…"), "", "staffChoose")
        self.name = entry("staffName", _("Название"))
        self.kinds = {
            "game": Button(_("Игра"), "choice", "staffGame"),
            "program": Button(_("Программа"), "choice", "staffProgram"),
        }
        self.icon = QLabel()
        self.add = Button(_("Добавить"), "primary", "staffAdd")
        self.done = Button(_("Закончить"), "", "staffDone")
        self.files = ProgramChooser(look)
        self.pages = QStackedWidget()
        self._all_pages: list[QWidget] = []
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        px = self._look.px
        self.code.hide()
        self.icon.setFixedSize(px(48), px(48))
        self.icon.setScaledContents(True)
        self.icon.hide()
        for tab in (self.to_top_up, self.to_add):
            tab.setCheckable(True)
        for group in (self.methods, self.kinds):
            for button in group.values():
                button.setCheckable(True)
            next(iter(group.values())).setChecked(True)
        for widgets in (
            [self.login, self.password, self.code, self.enter],
            [self.customer, self.amount, _row(px(12), *self.methods.values()), self.top_up],
            [
                _row(px(12), self.path, self.choose),
                _row(px(12), self.icon, self.name),
                _row(px(12), *self.kinds.values()),
                self.add,
            ],
            [self.files],
        ):
            page = QWidget()
            column = QVBoxLayout(page)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(px(14))
            for widget in widgets:
                column.addWidget(widget)
            self.pages.addWidget(page)
            self._all_pages.append(page)
        self._tabs = _row(px(12), self.to_top_up, self.to_add)
        body = self._sheet.body
        for widget in (self.title, self._tabs, self.pages, self.error, self.told, self.done):
            body.addWidget(widget)

    def _connect(self) -> None:
        self.enter.clicked.connect(self._sign_in)
        for field in (self.login, self.password, self.code):
            field.returnPressed.connect(self._sign_in)
        self.to_top_up.clicked.connect(lambda: self._turn_to(TOP_UP))
        self.to_add.clicked.connect(lambda: self._turn_to(ADD))
        for group in (self.methods, self.kinds):
            for chosen in group.values():
                chosen.clicked.connect(
                    lambda _checked=False, chosen=chosen, group=group: _choose(group, chosen)
                )
        self.amount.textChanged.connect(self._name_amount)
        self.customer.textChanged.connect(self._name_amount)
        self.top_up.clicked.connect(self._top_up)
        self.choose.clicked.connect(lambda: self._turn_to(CHOOSE))
        self.files.chosen.connect(self._chosen)
        self.files.given_up.connect(lambda: self._turn_to(ADD))
        self.add.clicked.connect(self._add)
        self.done.clicked.connect(self._sheet.dismiss)
        self._sheet.closed.connect(self._closed)

    # --- what is shown --------------------------------------------------------------------------

    def show_staff(self, staff: StaffView | None) -> None:
        """Who is signed in here, as the server says."""
        before, self._staff = self._staff, staff
        if not self._is_made or self._sheet.isHidden() or (before is None) == (staff is None):
            return
        if staff is None:
            self._start_afresh()
            return
        self.title.setText(staff.name)
        self.password.clear()
        self.code.clear()
        self.to_top_up.setVisible(staff.may_top_up)
        self.to_add.setVisible(staff.may_add_applications)
        self._turn_to(TOP_UP if staff.may_top_up else ADD)

    def show_answer(self, code: AnswerCode) -> None:
        """How what was asked last has ended."""
        asked, self._asked = self._asked, ""
        self._set_busy(busy=False)
        self.error.setText(answer_text(code))
        self.error.setVisible(code != "ok")
        if code == "second_factor_needed":
            self.code.show()
            self.code.setFocus(Qt.FocusReason.TabFocusReason)
        if code != "ok" or asked not in {"top_up", "add"}:
            return
        if asked == "top_up":
            amount = format_money(self._amount_tiyn())
            self.told.setText(_("Баланс пополнен на {amount}").format(amount=amount))
            self.amount.clear()
        else:
            self.told.setText(_("Приложение добавлено: {name}").format(name=self.name.text()))
            self.path.clear()
            self.name.clear()
            self.show_icon(QPixmap())
        self.told.show()

    def show_icon(self, icon: QPixmap) -> None:
        """The chosen program's own picture."""
        self.icon.setPixmap(icon)
        self.icon.setVisible(not icon.isNull())

    def close_sheet(self) -> None:
        """Take it away, whoever is signed in."""
        if self._is_made:
            self._sheet.dismiss()

    # --- inside ---------------------------------------------------------------------------------

    def _open(self) -> None:
        if not self._is_made:
            self._make()
        self._start_afresh()
        self._sheet.present(self.login)

    def _closed(self) -> None:
        self._start_afresh()
        self.done_wanted.emit()

    def _start_afresh(self) -> None:
        self._staff = None
        for field in (self.login, self.password, self.code, self.customer, self.amount):
            field.clear()
        self.code.hide()
        self.title.setText(_("Для персонала"))
        self._set_busy(busy=False)
        self._turn_to(SIGN_IN)

    def _turn_to(self, page: int) -> None:
        self.error.hide()
        self.told.hide()
        self._tabs.setVisible(page in {TOP_UP, ADD})
        self.to_top_up.setChecked(page == TOP_UP)
        self.to_add.setChecked(page == ADD)
        if page == CHOOSE:
            self.files.begin()
        for number, one in enumerate(self._all_pages):
            # The sheet is as high as what it shows, not as the highest of its pages.
            shown = number == page
            policy = QSizePolicy.Policy.Preferred if shown else QSizePolicy.Policy.Ignored
            one.setSizePolicy(QSizePolicy.Policy.Preferred, policy)
        self.pages.setCurrentIndex(page)
        self._name_amount()

    def _sign_in(self) -> None:
        if self.login.text().strip() and self.password.text() and self.enter.isEnabled():
            self._ask("sign_in")
            code = self.code.text().strip()
            self.sign_in_wanted.emit(self.login.text().strip(), self.password.text(), code)

    def _amount_tiyn(self) -> int:
        digits = self.amount.text().replace(" ", "")
        known = digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS
        return int(digits) * TIYN if known else 0

    def _name_amount(self) -> None:
        amount = self._amount_tiyn()
        text = _("Пополнить {amount}").format(amount=format_money(amount)) if amount else ""
        self.top_up.setText(text or _("Пополнить"))
        ready = bool(amount and self.customer.text().strip()) and not self._asked
        self.top_up.setEnabled(ready)

    def _top_up(self) -> None:
        method = next(name for name, button in self.methods.items() if button.isChecked())
        login, amount = self.customer.text().strip(), self._amount_tiyn()
        self._ask("top_up")
        self.top_up_wanted.emit(login, amount, method)

    def _chosen(self, path: str) -> None:
        self.path.setText(path)
        if not self.name.text().strip():
            self.name.setText(path.replace("\\", "/").rpartition("/")[2].removesuffix(".exe"))
        self._turn_to(ADD)
        self.picked.emit(path)

    def _add(self) -> None:
        kind = next(name for name, button in self.kinds.items() if button.isChecked())
        if self.path.text().strip() and self.name.text().strip():
            self._ask("add")
            self.add_wanted.emit(self.path.text().strip(), self.name.text().strip(), kind)

    def _ask(self, what: str) -> None:
        self._asked = what
        self.error.hide()
        self.told.hide()
        self._set_busy(busy=True)

    def _set_busy(self, *, busy: bool) -> None:
        if not busy:
            self._asked = ""
        for button in (self.enter, self.add):
            button.setEnabled(not busy)
        self._name_amount()


def _row(gap: int, *widgets: QWidget) -> QWidget:
    row = QWidget()
    across = QHBoxLayout(row)
    across.setContentsMargins(0, 0, 0, 0)
    across.setSpacing(gap)
    for widget in widgets:
        across.addWidget(widget)
    return row


def _choose(group: dict[str, Button], chosen: Button) -> None:
    for button in group.values():
        button.setChecked(button is chosen)
