"""A promo code, typed by the customer: where it is typed, and what it gave."""

from uuid import uuid4

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from lovhub.launcher.texts import _, gift_text, promo_answer_text
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, Sheet, entry, label
from lovhub.protocol.local import State
from lovhub.protocol.views import AnswerCode, GiftView

SHORTEST, LONGEST_TYPED = 4, 40
"""Letters of a code as it is typed, spaces and hyphens too; what is shorter cannot be one."""


class PromoCode(QWidget):
    """The button «Промокод» and what opens behind it. `behind` is what that covers.

    Signals:
        code_wanted(request_id, code): the id stays the same until the outcome is known.
    """

    code_wanted = Signal(str, str)

    def __init__(self, look: Look, behind: QWidget) -> None:
        super().__init__()
        self._customer_id = 0
        self._gift: GiftView | None = None
        self._request: tuple[str, str] = ("", "")
        self._waits_for_answer = False
        self.button = Button(_("Промокод"), "", "promo")
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(self.button)
        self.sheet = Sheet(behind, look, 560)
        self.sheet.setObjectName("promoSheet")
        self.title = label("", "title", "promoTitle", wrap=True)
        self.text = label("", "subtitle", "promoText", wrap=True)
        self.entry = entry("promoCode", _("Код с купона"), longest=LONGEST_TYPED)
        self.error = label("", "error", "promoError", wrap=True)
        self.confirm = Button(_("Применить"), "primary", "promoConfirm")
        self.close_button = Button(_("Закрыть"), "", "promoClose")
        buttons = QHBoxLayout()
        buttons.setSpacing(look.px(12))
        buttons.addWidget(self.confirm, 1)
        buttons.addStretch()
        buttons.addWidget(self.close_button)
        for widget in (self.title, self.text, self.entry, self.error):
            self.sheet.body.addWidget(widget)
        self.sheet.body.addLayout(buttons)
        self.button.clicked.connect(self.open)
        self.entry.textChanged.connect(self._typed)
        self.entry.returnPressed.connect(self._confirmed)
        self.confirm.clicked.connect(self._confirmed)
        self.close_button.clicked.connect(self.close_question)
        self.hide()

    def show_state(self, state: State) -> None:
        """Whether codes are taken here now, and what this customer's has just given."""
        customer = state.customer
        promo = customer.promo if customer is not None else None
        customer_id = customer.customer_id if customer is not None else 0
        gift = promo.gift if promo is not None else None
        is_new = customer_id != self._customer_id
        if is_new:
            self._request = ("", "")
        if is_new or promo is None:
            self.close_question()
        elif gift is not None and gift != self._gift and not self.sheet.isHidden():
            self._draw(gift)
        self._customer_id, self._gift = customer_id, gift
        self.setVisible(promo is not None)

    def open(self) -> None:
        """Ask for a code."""
        self.entry.clear()
        self.error.hide()
        self._draw(None)
        self.sheet.present(self.entry)

    def close_question(self) -> None:
        """Take it away, if it is there."""
        self._waits_for_answer = False
        self.sheet.dismiss()

    def show_answer(self, code: AnswerCode) -> None:
        """The code was answered: what it gave has come before, or say why it gave nothing."""
        self._waits_for_answer = False
        if code != "server_unreachable":
            self._request = ("", "")
        self.error.setText(promo_answer_text(code))
        self.error.setVisible(code != "ok")
        self._typed_enough()
        if code != "ok" and not self.entry.isHidden():
            self.entry.selectAll()
            self.entry.setFocus(Qt.FocusReason.TabFocusReason)

    def _draw(self, gift: GiftView | None) -> None:
        """The question; or what was given."""
        self.title.setText(_("Промокод") if gift is None else gift_text(gift))
        self.text.setText("" if gift is None else _("Промокод принят: {title}").format(title=gift.title))  # fmt: skip
        self.text.setVisible(gift is not None)
        for widget in (self.entry, self.confirm):
            widget.setVisible(gift is None)
        self._typed_enough()
        if gift is not None:
            self.error.hide()
            self.close_button.setFocus(Qt.FocusReason.TabFocusReason)

    def _typed(self) -> None:
        self.error.hide()
        self._typed_enough()

    def _typed_enough(self) -> None:
        enough = len(self.entry.text().strip()) >= SHORTEST
        self.confirm.setEnabled(enough and not self._waits_for_answer)

    def _confirmed(self) -> None:
        if not self.confirm.isEnabled() or self.confirm.isHidden():
            return
        code = self.entry.text().strip()
        request_id, asked_for = self._request
        if not request_id or asked_for != code:
            self._request = (uuid4().hex, code)
        self.error.hide()
        self._waits_for_answer = True
        self._typed_enough()
        self.code_wanted.emit(*self._request)
