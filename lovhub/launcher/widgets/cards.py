"""Cards on the lock: a few words about what goes on, and a customer who has no time yet."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from lovhub.launcher.texts import _
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, label
from lovhub.launcher.widgets.operations import MyOperations
from lovhub.launcher.widgets.paying import Paying
from lovhub.launcher.widgets.promo import PromoCode
from lovhub.launcher.widgets.shop import Shop


class MessageCard(QFrame):
    """A title and a sentence, with something big between them where there is something to show."""

    def __init__(self, look: Look, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "card")
        self.setFixedWidth(look.px(620))
        px = look.px
        self.title = label("", "title", f"{name}Title", wrap=True)
        self.big = label("", "code", f"{name}Code")
        self.text = label("", "subtitle", f"{name}Text", wrap=True)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(px(44), px(40), px(44), px(40))
        self._layout.setSpacing(px(14))
        for widget in (self.title, self.big, self.text):
            self._layout.addWidget(widget)

    def add(self, widget: QWidget) -> None:
        """Put something below the sentence."""
        self._layout.addWidget(widget)

    def say(self, title: str, text: str, big: str = "") -> None:
        """Show this."""
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.big.setText(big)
        self.big.setVisible(bool(big))


class CustomerCard(QWidget):
    """A customer without time: their money, what is on sale, the way out."""

    def __init__(self, look: Look, behind: QWidget) -> None:
        super().__init__()
        self.setObjectName("signedIn")
        px = look.px
        self.name = label("", "title", "customerName", wrap=True)
        self.balance = label("", "amount", "customerBalance")
        self.shop = Shop(look, behind)
        self.paying = Paying(look, behind)
        self.promo = PromoCode(look, behind)
        self.operations = MyOperations(look, behind)
        self.sign_out = Button(_("Выйти"), "", "signOut")
        money = QVBoxLayout()
        money.setSpacing(0)
        money.addWidget(label(_("Баланс"), "small"), 0, Qt.AlignmentFlag.AlignRight)
        money.addWidget(self.balance, 0, Qt.AlignmentFlag.AlignRight)
        head = QHBoxLayout()
        head.setSpacing(px(20))
        head.addWidget(self.name, 1)
        head.addWidget(self.promo)
        head.addWidget(self.paying)
        head.addLayout(money)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(20))
        layout.addLayout(head)
        layout.addWidget(label(_("Выберите время"), "subtitle"))
        layout.addWidget(self.shop, 1)
        below = QHBoxLayout()
        below.addWidget(self.operations)
        below.addStretch()
        below.addWidget(self.sign_out)
        layout.addLayout(below)
        self.setMinimumWidth(px(620))
