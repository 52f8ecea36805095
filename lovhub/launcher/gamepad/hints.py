"""What the buttons do, at the bottom of the window, while a pad is in use."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QLabel, QWidget

from lovhub.launcher.texts import _
from lovhub.launcher.theme import Look


class Hints(QLabel):
    """One line over everything; no click stays on it."""

    def __init__(self, look: Look, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("gamepadHints")
        self.setProperty("role", "badge")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._gap = look.px(12)

    def show_for(self, *, typing: bool, focus: QWidget | None) -> None:
        """What they do now."""
        self.setText("     ".join(f"{button}  {what}" for button, what in _hints(typing, focus)))
        self.adjustSize()
        window = self.window()
        self.move((window.width() - self.width()) // 2, window.height() - self.height() - self._gap)
        self.show()
        self.raise_()


def _hints(typing: bool, focus: QWidget | None) -> list[tuple[str, str]]:  # noqa: FBT001 - of show_for
    if typing:
        return [
            ("A", _("напечатать")),
            ("B", _("закрыть")),
            ("X", _("стереть")),
            ("Y", _("пробел")),
            ("LB", _("большие буквы")),
            ("RB", _("другие буквы")),
        ]
    hints = [("A", _("выбрать")), ("B", _("назад")), ("LB RB", _("вкладки"))]
    if isinstance(focus, QAbstractItemView):
        hints.append(("X", _("в избранное")))
    return hints
