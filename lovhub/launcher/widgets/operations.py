"""«Мои операции»: what a player paid, bought, was given and played, read from the server when it is looked at."""

from datetime import UTC, datetime
from uuid import uuid4

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from lovhub.launcher.hours_texts import played_when, waiting_text
from lovhub.launcher.texts import (
    _,
    answer_text,
    format_duration,
    format_money,
    operation_text,
)
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, Sheet, label
from lovhub.protocol.local import Operations, State
from lovhub.protocol.views import AnswerCode, CustomerView, OperationView

QUESTION = "ask_operations"
"""What the server must know, see `State.knows`."""

SHEET_WIDTH, LIST_HEIGHT = 920, 460


class MyOperations(QWidget):
    """The button and the sheet behind it. `behind` is what that covers.

    Signals:
        wanted(request_id, before): the part that goes on at the place `before`.
    """

    wanted = Signal(str, str)

    def __init__(self, look: Look, behind: QWidget) -> None:
        super().__init__()
        self._look = look
        self._whose: object = None
        self._request_id = ""
        self._next = ""
        self.button = Button(_("Мои операции"), "", "myOperations")
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(self.button)
        self.sheet = Sheet(behind, look, SHEET_WIDTH)
        self.sheet.setObjectName("operationsSheet")
        self.has = label("", "subtitle", "operationsHas", wrap=True)
        self.told = label("", "subtitle", "operationsTold", wrap=True)
        self.error = label("", "error", "operationsError", wrap=True)
        self.more = Button(_("Показать раньше"), "", "operationsMore")
        self.close_button = Button(_("Закрыть"), "primary", "operationsClose")
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFixedHeight(look.px(LIST_HEIGHT))
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName(_("Мои операции"))
        self._rows = QVBoxLayout()
        self._arrange()
        self.button.clicked.connect(self._open)
        self.more.clicked.connect(self._ask)
        self.close_button.clicked.connect(self.close_question)
        self.hide()

    def _arrange(self) -> None:
        page = QWidget()
        page.setLayout(self._rows)
        self._rows.setContentsMargins(0, 0, self._look.px(14), 0)
        self._rows.setSpacing(self._look.px(10))
        self._rows.addStretch()
        self._scroll.setWidget(page)
        buttons = QHBoxLayout()
        buttons.addWidget(self.more)
        buttons.addStretch()
        buttons.addWidget(self.close_button)
        body = self.sheet.body
        body.addWidget(label(_("Мои операции"), "title"))
        for widget in (self.has, self._scroll, self.told, self.error):
            body.addWidget(widget)
        body.addLayout(buttons)

    # --- what is shown --------------------------------------------------------------------------

    def show_state(self, state: State) -> None:
        """Who sits there: of somebody else nothing is left on the screen."""
        customer, session = state.customer, state.session
        whose = (
            ("customer", customer.customer_id)
            if customer is not None
            else ("guest", session.session_id if session is not None else None)
        )
        if whose != self._whose:
            self._whose = whose
            self.close_question()
        somebody = customer is not None or session is not None
        self.setVisible(somebody and QUESTION in state.knows)
        self.has.setText(_has_text(customer))
        self.has.setVisible(customer is not None)

    def show_part(self, part: Operations) -> None:
        """A part has come, unless nobody waits for it any more."""
        if part.request_id != self._request_id:
            return
        for row in part.rows:
            self._rows.insertWidget(self._rows.count() - 1, _Row(row, self._look))
        self._next = part.next
        self.more.setVisible(bool(part.next))
        nothing = self._rows.count() == 1
        self.told.setText(_("Здесь пока пусто.") if nothing else "")
        self.told.setVisible(nothing)
        self._scroll.setHidden(nothing)

    def show_answer(self, code: AnswerCode) -> None:
        """How asking ended."""
        self._request_id = ""
        self.more.setEnabled(True)
        if code == "ok":
            return
        self.told.hide()
        self.error.setText(answer_text(code))
        self.error.show()
        self.more.show()

    def close_question(self) -> None:
        """Take it away; nothing of it is kept."""
        self._request_id = self._next = ""
        self._forget_rows()
        self.sheet.dismiss()

    # --- inside ---------------------------------------------------------------------------------

    def _open(self) -> None:
        self._forget_rows()
        self._next = ""
        self._scroll.show()
        self.more.hide()
        self.told.setText(_("Загружаем…"))
        self.told.show()
        self.sheet.present(self.close_button)
        self._ask()

    def _ask(self) -> None:
        self.error.hide()
        self.more.setEnabled(False)
        self._request_id = uuid4().hex
        self.wanted.emit(self._request_id, self._next)

    def _forget_rows(self) -> None:
        while self._rows.count() > 1:
            taken = self._rows.takeAt(0)
            widget = taken.widget() if taken is not None else None
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()


class _Row(QWidget):
    """One operation: when, what, how much time, how much money."""

    def __init__(self, row: OperationView, look: Look) -> None:
        super().__init__()
        px = look.px
        when = datetime.fromtimestamp(row.at, UTC).astimezone()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(px(18))
        moment = label(f"{when:%d.%m.%Y %H:%M}", "small", "operationAt")
        what = label(_what_text(row), "", "operationWhat", wrap=True)
        time = label(format_duration(row.seconds) if row.seconds else "", "small", "operationTime")
        money = label(money_text(row), "sum", "operationMoney")
        for column, (part, width) in enumerate(
            ((moment, 150), (what, 0), (time, 110), (money, 210))
        ):
            if width:
                part.setFixedWidth(px(width))
            right = Qt.AlignmentFlag.AlignRight if column > 1 else Qt.AlignmentFlag.AlignLeft
            part.setAlignment(right | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(part, 0, column)
        grid.setColumnStretch(1, 1)
        self.setAccessibleName(
            ", ".join(one.text() for one in (moment, what, time, money) if one.text())
        )


def _what_text(row: OperationView) -> str:
    text = operation_text(row)
    return text if row.hours is None else f"{text}\n{played_when(row.hours)}"


def money_text(row: OperationView) -> str:
    """What came (`+`) or went, in money and in bonuses."""
    parts = []
    if row.tiyn:
        parts.append(_signed(row.tiyn))
    if row.bonus_tiyn:
        parts.append(_("{amount} бонусами").format(amount=_signed(row.bonus_tiyn)))
    return "\n".join(parts)


def _signed(tiyn: int) -> str:
    return ("+" if tiyn > 0 else "") + format_money(tiyn)


def _has_text(customer: CustomerView | None) -> str:
    """What they have and owe now."""
    if customer is None:
        return ""
    parts = [_("На балансе {balance}").format(balance=format_money(customer.balance_tiyn))]
    if customer.bonus_tiyn:
        parts.append(_("бонусов {bonus}").format(bonus=format_money(customer.bonus_tiyn)))
    if customer.seconds_available:
        time = format_duration(customer.seconds_available)
        parts.append(_("оплачено вперёд {time}").format(time=time))
    if customer.waiting is not None:
        parts.append(waiting_text(customer.waiting))
    if customer.debt_tiyn:
        parts.append(_("долг {debt}").format(debt=format_money(customer.debt_tiyn)))
    return " · ".join(parts)
