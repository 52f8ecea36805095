"""A card on the lock with a few words about what goes on."""

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import label


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
