"""The card on the lock of a customer who has no time yet."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from lovhub.launcher.texts import _
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, ShorteningLabel, label, restyle
from lovhub.launcher.widgets.operations import MyOperations
from lovhub.launcher.widgets.paying import Paying
from lovhub.launcher.widgets.promo import PromoCode
from lovhub.launcher.widgets.shop import Shop, wallet_of
from lovhub.protocol.local import State
from lovhub.protocol.views import CustomerView

LONGEST_AMOUNT = 12
"""Money alone is shown large; with bonuses or a debt it is a sentence, and must fit as well."""


class CustomerCard(QWidget):
    """A customer without time: their money, what is on sale, the way out."""

    def __init__(self, look: Look, behind: QWidget) -> None:
        super().__init__()
        self.setObjectName("signedIn")
        px = look.px
        self.name = ShorteningLabel("title", "customerName")
        self.balance = label("", "amount", "customerBalance")
        self.shop = Shop(look, behind)
        self.paying = Paying(look, behind)
        self.promo = PromoCode(look, behind)
        self.operations = MyOperations(look, behind)
        self.sign_out = Button(_("Выйти"), "", "signOut")
        head = QHBoxLayout()
        head.setSpacing(px(20))
        head.addWidget(self.name, 1)
        head.addWidget(self.promo)
        head.addWidget(self.paying)
        money = QHBoxLayout()
        money.setSpacing(px(14))
        money.addWidget(label(_("Выберите время"), "subtitle"), 1)
        money.addWidget(label(_("Баланс"), "small"))
        money.addWidget(self.balance)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(20))
        layout.addLayout(head)
        layout.addLayout(money)
        layout.addWidget(self.shop, 1)
        below = QHBoxLayout()
        below.addWidget(self.operations)
        below.addStretch()
        below.addWidget(self.sign_out)
        layout.addLayout(below)
        self.setMinimumWidth(px(620))

    def show_customer(self, customer: CustomerView, state: State) -> None:
        """Whose card it is, what they have and what they can buy."""
        wallet = wallet_of(customer)
        self.name.setText(customer.name)
        self.balance.setText(wallet.words)
        restyle(self.balance, "role", "amount" if len(wallet.words) <= LONGEST_AMOUNT else "figure")
        self.shop.show_tariffs(state.tariffs, wallet)
        self.paying.show_state(state)
        self.promo.show_state(state)
        self.operations.show_state(state)

    def close_questions(self) -> None:
        """Take away what was being asked."""
        self.shop.close_confirmation()
        self.paying.close_question()
        self.promo.close_question()
        self.operations.close_question()
