"""What one who types a password must know, beside it: Caps Lock, and the layout, which a click switches."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout

from lovhub.launcher.platform import KeyboardState
from lovhub.launcher.texts import _
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, label


class LayoutBadge(Button):
    """Two letters; hidden where the layout is not known. `clicked` asks for the next one, and leaves the cursor."""

    def __init__(self, look: Look, name: str) -> None:
        super().__init__("", "badge", name)
        self.setMinimumHeight(look.px(40))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.hide()

    def show_layout(self, layout: str) -> None:
        """What is typed with now."""
        self.setText(layout)
        self.setAccessibleName(_("Раскладка клавиатуры: {layout}").format(layout=layout))
        self.setVisible(bool(layout))


class KeyboardRow(QHBoxLayout):
    """Caps Lock and layout in one line. `name`: of the card that it is on."""

    def __init__(self, look: Look, name: str) -> None:
        super().__init__()
        self.caps_lock = label("", "warning", f"{name}CapsLock")
        self.badge = LayoutBadge(look, f"{name}Layout")
        self.addWidget(self.caps_lock)
        self.addStretch()
        self.addWidget(self.badge)

    def show_state(self, state: KeyboardState) -> None:
        """As it stands now."""
        self.caps_lock.setText(_("Включён Caps Lock") if state.caps_lock else "")
        self.badge.show_layout(state.layout)
