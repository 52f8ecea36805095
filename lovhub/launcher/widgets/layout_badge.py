"""The keyboard layout beside a password: shown, and switched by a click that leaves the cursor where it is."""

from PySide6.QtCore import Qt

from lovhub.launcher.texts import _
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button


class LayoutBadge(Button):
    """Two letters; hidden where the layout is not known. `clicked` asks for the next one."""

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
