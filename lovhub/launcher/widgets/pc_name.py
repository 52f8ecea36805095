"""What a waiting PC is to be called, typed by whoever stands before it: the desk then has its name beside the code."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from lovhub.launcher.texts import _
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, entry, label
from lovhub.protocol.local import State

LONGEST_NAME = 40


class PcName(QWidget):
    """A field and a button; what the desk is told stands below.

    Signals:
        name_wanted(name): typed and confirmed.
    """

    name_wanted = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.field = entry("pcName", _("Название ПК"), longest=LONGEST_NAME)
        self.field.setPlaceholderText(_("Название ПК, например ПК-17"))
        self.confirm = Button(_("Назвать"), "", "confirmPcName")
        self.told = label("", "small", "pcNameTold", wrap=True)
        self.field.returnPressed.connect(self._confirmed)
        self.confirm.clicked.connect(self._confirmed)
        across = QHBoxLayout()
        across.setSpacing(look.px(12))
        across.addWidget(self.field, 1)
        across.addWidget(self.confirm)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, look.px(8), 0, 0)
        layout.setSpacing(look.px(8))
        layout.addLayout(across)
        layout.addWidget(self.told)
        self.hide()

    def show_state(self, state: State) -> None:
        """There while the PC waits, and the desk wants to know."""
        self.setVisible(state.mode == "pairing" and state.takes_name)
        name = state.wished_name
        self.told.setText(_("Администратор увидит: {name}").format(name=name) if name else "")
        self.told.setVisible(bool(name))

    def _confirmed(self) -> None:
        if name := self.field.text().strip():
            self.name_wanted.emit(name)
