"""Paying for the balance at the PC: how much, the code to scan, and that the money has come."""

from uuid import uuid4

from PySide6.QtCore import QRegularExpression, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QRegularExpressionValidator
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from lovhub.launcher.texts import (
    _,
    answer_text,
    asked_text,
    format_countdown,
    format_money,
    paid_text,
)
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, Sheet, answers, entry, label
from lovhub.protocol.local import State
from lovhub.protocol.views import AnswerCode, CodeView, PaidView, PayView

COLUMNS = 3
QUIET_MODULES = 4
"""White around a code, without which telephones do not find it."""

SMALLEST_CODE, LARGEST_CODE = 21, 177
SECOND_MILLISECONDS = 1_000

OVER = frozenset({"expired", "failed", "unknown"})
"""In these states another question is offered."""


class CodePicture(QWidget):
    """A QR code, black on white in both themes: a telephone reads no other."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("payCode")
        self.setAccessibleName(_("QR-код для оплаты"))
        self._code: CodeView | None = None
        self.setFixedSize(QSize(look.px(340), look.px(340)))

    def show_code(self, code: CodeView | None) -> None:
        """Draw this one; nothing where there is none, or none that can be."""
        self._code = code if code is not None and is_whole(code) else None
        self.setVisible(self._code is not None)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 (Qt's signature)
        if self._code is None:
            return
        size, modules = self._code.size, self._code.modules
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("white"))
        # Whole pixels: a blurred border costs the telephone its certainty.
        side = min(self.width(), self.height()) // (size + 2 * QUIET_MODULES)
        left = (self.width() - side * size) // 2
        top = (self.height() - side * size) // 2
        for index in range(size * size):
            if modules[index // 8] >> (7 - index % 8) & 1:
                row, column = divmod(index, size)
                painter.fillRect(
                    left + column * side, top + row * side, side, side, QColor("black")
                )


def is_whole(code: CodeView) -> bool:
    """Whether all of a code has come."""
    fits = SMALLEST_CODE <= code.size <= LARGEST_CODE
    return fits and len(code.modules) == (code.size * code.size + 7) // 8


class Paying(QWidget):
    """The button «Пополнить» and what opens behind it. `behind` is what that covers.

    Signals:
        top_up_wanted(request_id, amount_tiyn): the id stays the same until the outcome is known.
        cancel_wanted(payment_id).
    """

    top_up_wanted = Signal(str, int)
    cancel_wanted = Signal(int)

    def __init__(self, look: Look, behind: QWidget) -> None:
        super().__init__()
        self._look = look
        self._customer_id = 0
        self._pay: PayView | None = None
        self._paid: PaidView | None = None
        self._seconds_left = 0
        self._chooses = False
        self._is_linked = True
        self._waits_for_answer = False
        self._request: tuple[str, int] = ("", 0)
        self._amounts: list[Button] = []
        self.button = Button(_("Пополнить"), "", "topUp")
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(self.button)
        self.sheet = Sheet(behind, look, 620)
        self.sheet.setObjectName("paySheet")
        self.title = label("", "title", "payTitle", wrap=True)
        self.big = label("", "amount", "payBig")
        self.code = CodePicture(look)
        self.text = label("", "subtitle", "payText", wrap=True)
        self.left = label("", "small", "payLeft")
        self.error = label("", "error", "payError", wrap=True)
        self.entry = entry("payAmount", _("Другая сумма, ₸"))
        self._grid_host = QWidget()
        self._grid = QGridLayout(self._grid_host)
        self.confirm = Button("", "primary", "payConfirm")
        self.cancel = Button(_("Отменить счёт"), "", "payCancel")
        self.close_button = Button(_("Закрыть"), "", "payClose")
        self._arrange()
        self._connect()
        self._counting = QTimer(self, interval=SECOND_MILLISECONDS)
        self._counting.timeout.connect(self._count)
        self.hide()

    def _arrange(self) -> None:
        px = self._look.px
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(px(12))
        self.entry.setValidator(QRegularExpressionValidator(QRegularExpression("[0-9]{0,7}"), self))
        buttons = answers(self._look, self.confirm, self.cancel, self.close_button)
        body: QVBoxLayout = self.sheet.body
        body.addWidget(self.title)
        body.addWidget(self._grid_host)
        body.addWidget(self.entry)
        body.addWidget(self.big, 0, Qt.AlignmentFlag.AlignHCenter)
        body.addWidget(self.code, 0, Qt.AlignmentFlag.AlignHCenter)
        body.addWidget(self.text)
        body.addWidget(self.left)
        body.addWidget(self.error)
        body.addLayout(buttons)

    def _connect(self) -> None:
        self.button.clicked.connect(self.open)
        self.entry.textChanged.connect(self._typed)
        self.entry.returnPressed.connect(self._confirmed)
        self.confirm.clicked.connect(self._confirmed)
        self.cancel.clicked.connect(self._cancelled)
        self.close_button.clicked.connect(self.close_question)

    # --- what is shown --------------------------------------------------------------------------

    def show_state(self, state: State) -> None:
        """Show how this customer may pay, and what became of what they asked for.

        A question that is open when they sit down, here or after a restart, is before them at once.
        """
        customer = state.customer
        pay = customer.pay if customer is not None else None
        customer_id = customer.customer_id if customer is not None else 0
        is_new = customer_id != self._customer_id
        if is_new:
            self.close_question()
            self._request, self._paid = ("", 0), None
        before, self._customer_id, self._pay = self._pay, customer_id, pay
        self.setVisible(pay is not None)
        if pay is None:
            self.close_question()
            return
        if not is_new and before is not None and pay.paid is not None and pay.paid != before.paid:
            self._paid, self._chooses = pay.paid, False
        asked = pay.asked
        if asked is not None:
            self._seconds_left = max(0, asked.expires_at - state.server_time)
            if is_new or before is None or before.asked != asked:
                self._chooses = False
        text = _("Счёт ждёт оплаты") if self._waits() else _("Пополнить")
        self.button.setText(text)
        self.button.setAccessibleName(text)
        self._is_linked = state.linked
        if is_new:
            self.appear()
        elif not self.sheet.isHidden():
            self._draw()

    def appear(self) -> None:
        """The screen comes up, or somebody has sat down: an open question is before them, and nothing else."""
        self.close_question()
        if self._waits():
            self.open()

    def open(self) -> None:
        """Bring up what there is: an open question, or the choice of an amount."""
        if self._pay is None:
            return
        asked = self._pay.asked
        self._paid = None
        self._chooses = asked is None or asked.state in OVER
        self.error.hide()
        self.entry.clear()
        self._draw()
        self.sheet.present(self._first())
        self._counting.start()

    def close_question(self) -> None:
        """Take it away, if it is there; a question that is open stays open."""
        self._counting.stop()
        self._waits_for_answer = False
        self._paid = None
        self.sheet.dismiss()

    def show_answer(self, code: AnswerCode) -> None:
        """Asking or cancelling was answered."""
        self._waits_for_answer = False
        if code != "server_unreachable":
            self._request = ("", 0)
        if code == "ok":
            self.error.hide()
        else:
            self.error.setText(answer_text(code))
            self.error.show()
        self._draw()

    # --- inside ---------------------------------------------------------------------------------

    def _waits(self) -> bool:
        asked = self._pay.asked if self._pay is not None else None
        return asked is not None and asked.state in {"asking", "waiting"}

    def _first(self) -> QWidget:
        if self._amounts and not self._grid_host.isHidden():
            return self._amounts[0]
        return self.confirm if not self.confirm.isHidden() else self.close_button

    def _draw(self) -> None:
        pay = self._pay
        if pay is None:
            return
        focused = QApplication.focusWidget()
        had_focus = focused is not None and self.sheet.isAncestorOf(focused)
        if self._paid is not None:
            self._draw_paid(self._paid)
        elif pay.way == "number":
            self._draw_number(pay)
        elif self._chooses or pay.asked is None:
            self._draw_choice(pay)
        else:
            self._draw_asked(pay)
        if had_focus and not self._first().hasFocus() and not self.entry.hasFocus():
            self._first().setFocus(Qt.FocusReason.TabFocusReason)

    def _show(
        self, title: str, *, big: str = "", text: str = "", confirm: str = "", cancel: bool = False
    ) -> None:
        self.title.setText(title)
        self.big.setText(big)
        self.big.setVisible(bool(big))
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self._grid_host.hide()
        self.entry.hide()
        self.code.show_code(None)
        self.left.hide()
        self.confirm.setText(confirm)
        self.confirm.setAccessibleName(confirm)
        self.confirm.setVisible(bool(confirm))
        self.confirm.setEnabled(not self._waits_for_answer)
        self.cancel.setVisible(cancel)
        self.cancel.setEnabled(not self._waits_for_answer)

    def _draw_paid(self, paid: PaidView) -> None:
        self._show(_("Спасибо!"), text=paid_text(paid))
        self.error.hide()

    def _draw_number(self, pay: PayView) -> None:
        self._show(
            _("Пополнить через Kaspi"),
            big=pay.number,
            text=_(
                "Откройте Kaspi на телефоне: «Платежи», найдите «{service}», введите этот номер и сумму. "
                "Номер ваш навсегда. Деньги придут на баланс сами."
            ).format(service=pay.service),
        )

    def _draw_choice(self, pay: PayView) -> None:
        self._make_amounts(pay)
        limits = _("От {least} до {most}.").format(
            least=format_money(pay.smallest_tiyn), most=format_money(pay.largest_tiyn)
        )
        amount = self._amount()
        text = _("Выберите сумму")
        if amount:
            text = _("Получить счёт на {amount}").format(amount=format_money(amount))
        self._show(_("Пополнить через Kaspi"), text=limits, confirm=text)
        self._grid_host.show()
        self.entry.show()
        allowed = pay.smallest_tiyn <= amount <= pay.largest_tiyn
        self.confirm.setEnabled(allowed and not self._waits_for_answer)

    def _draw_asked(self, pay: PayView) -> None:
        asked = pay.asked
        if asked is None:
            return
        over = asked.state in OVER
        text = asked_text(asked.state, pay.way)
        if not self._is_linked:
            text = _(
                "Нет связи с сервером клуба. Если вы уже заплатили, деньги придут, как только связь вернётся."
            )
        self._show(
            _("Оплата через Kaspi"),
            big=format_money(asked.amount_tiyn),
            text=text,
            confirm=self._again(pay) if over else "",
            cancel=asked.state in {"asking", "waiting"},
        )
        if asked.state == "waiting" and self._is_linked:
            self.code.show_code(asked.code)
            self.left.setText(
                _("Счёт действует ещё {left}").format(left=format_countdown(self._seconds_left))
            )
            self.left.show()

    @staticmethod
    def _again(pay: PayView) -> str:
        return _("Новый QR") if pay.way == "code" else _("Новый счёт")

    def _make_amounts(self, pay: PayView) -> None:
        if [button.property("tiyn") for button in self._amounts] == list(pay.amounts_tiyn):
            return
        for button in self._amounts:
            button.setParent(None)
            button.deleteLater()
        self._amounts = []
        for index, amount in enumerate(pay.amounts_tiyn):
            button = Button(format_money(amount), "choice", f"pay{amount // 100}")
            button.setProperty("tiyn", amount)
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, chosen=amount: self._chosen(chosen))
            self._amounts.append(button)
            self._grid.addWidget(button, index // COLUMNS, index % COLUMNS)
            button.show()  # at once: only what is shown can take the focus

    def _amount(self) -> int:
        return int(self.entry.text() or 0) * 100

    def _chosen(self, amount_tiyn: int) -> None:
        self.entry.setText(str(amount_tiyn // 100))
        self.confirm.setFocus(Qt.FocusReason.TabFocusReason)

    def _typed(self) -> None:
        for button in self._amounts:
            button.setChecked(button.property("tiyn") == self._amount())
        self.error.hide()
        if self._pay is not None and self._chooses and not self.sheet.isHidden():
            self._draw_choice(self._pay)

    def _confirmed(self) -> None:
        pay = self._pay
        if pay is None or not self.confirm.isEnabled() or self.confirm.isHidden():
            return
        amount = self._amount()
        if not self._chooses:  # another code for the same amount
            amount = pay.asked.amount_tiyn if pay.asked is not None else 0
        request_id, asked_for = self._request
        if not request_id or asked_for != amount:
            self._request = (uuid4().hex, amount)
        self.error.hide()
        self._waits_for_answer = True
        self._draw()
        self.top_up_wanted.emit(self._request[0], amount)

    def _cancelled(self) -> None:
        if self._pay is None or self._pay.asked is None or self._waits_for_answer:
            return
        self._waits_for_answer = True
        self.error.hide()
        self._draw()
        self.cancel_wanted.emit(self._pay.asked.payment_id)

    def _count(self) -> None:
        self._seconds_left = max(0, self._seconds_left - 1)
        if not self.left.isHidden():
            self.left.setText(
                _("Счёт действует ещё {left}").format(left=format_countdown(self._seconds_left))
            )
