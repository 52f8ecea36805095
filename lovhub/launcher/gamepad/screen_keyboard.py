"""A keyboard on the screen, for whoever has only a pad in the hands."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout
from shiboken6 import isValid

from lovhub.launcher.gamepad.hands import focus_in, press_key
from lovhub.launcher.texts import _
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, label

DIGITS = "1234567890-_"
PAGES = (
    ("qwertyuiop", "asdfghjkl@", "zxcvbnm.+"),
    ("йцукенгшщзхъ", "фывапролджэё", "ячсмитьбю", "әғқңөұүһі"),
    ("!?#$%&*()=", "/\\|<>[]{}^", "~`'\";:,.@+"),
)
"""Latin, then Russian with Kazakh, then the rest. The digits are always there."""

ROWS = 1 + max(map(len, PAGES))
COLUMNS = 12


class ScreenKeyboard(QFrame):
    """Types into one field, as the real one would.

    Signals:
        done: «Готово» was pressed; the field has got an Enter.
    """

    done = Signal()

    def __init__(self, look: Look, target: QLineEdit) -> None:
        super().__init__(target.window())
        self.setObjectName("screenKeyboard")
        self.setProperty("role", "sheetCard")
        self._target = target
        self._page = 0
        self._shifted = False
        self._shown = label("", "subtitle", "screenKeyboardText")
        self._keys: list[list[Button]] = []
        self._arrange(look)
        target.textChanged.connect(self._show_text)
        target.window().installEventFilter(self)
        self._show_text()
        self._label_keys()
        self.show()
        self.raise_()
        self._keys[1][0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _arrange(self, look: Look) -> None:
        px = look.px
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(px(24), px(14), px(24), px(18))
        column.setSpacing(px(8))
        column.addWidget(self._shown)
        grid = QGridLayout()
        grid.setSpacing(px(6))
        for row in range(ROWS):
            keys = [Button("", "key") for _column in range(COLUMNS)]
            for place, key in enumerate(keys):
                key.setFixedSize(px(64), px(44))
                key.clicked.connect(lambda _checked=False, key=key: self.type(key.accessibleName()))
                grid.addWidget(key, row, place)
            self._keys.append(keys)
        column.addLayout(grid)
        below = QHBoxLayout()
        below.setSpacing(px(6))
        for text, name, deed in (
            (_("Большие"), "keyShift", self.shift),
            (_("Другие буквы"), "keyTurn", self.turn),
            (_("Пробел"), "keySpace", lambda: self.type(" ")),
            (_("Стереть"), "keyErase", self.erase),
        ):
            button = Button(text, "key", name)
            button.setFixedHeight(px(44))
            button.clicked.connect(deed)
            below.addWidget(button, 1)
        done = Button(_("Готово"), "primary", "keyDone")
        done.clicked.connect(self._finish)
        below.addWidget(done, 1)
        column.addLayout(below)

    def is_needed(self) -> bool:
        """Whether the field is still there to be typed into."""
        return isValid(self._target) and self._target.isVisible() and self._target.isEnabled()

    def type(self, text: str) -> None:
        """As if this key were pressed."""
        if self.is_needed():
            press_key(self._target, Qt.Key.Key_unknown, text=text)

    def erase(self) -> None:
        """The last letter."""
        if self.is_needed():
            press_key(self._target, Qt.Key.Key_Backspace)

    def shift(self) -> None:
        """Capital letters, or small ones again."""
        self._shifted = not self._shifted
        self._label_keys()

    def turn(self) -> None:
        """To the letters of the next page."""
        self._page = (self._page + 1) % len(PAGES)
        self._label_keys()

    def give_back(self) -> None:
        """Go, with the focus where it was."""
        if isValid(self._target):
            self._target.window().removeEventFilter(self)
            if self.is_needed() and focus_in(self) is not None:
                self._target.setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._put_below()
        return super().eventFilter(watched, event)

    def _finish(self) -> None:
        target = self._target
        self.give_back()
        if isValid(target):
            press_key(target, Qt.Key.Key_Return)
        self.done.emit()

    def _label_keys(self) -> None:
        for row, letters in enumerate((DIGITS, *PAGES[self._page])):
            shown = letters.upper() if self._shifted else letters
            for place, key in enumerate(self._keys[row]):
                text = shown[place] if place < len(shown) else ""
                key.setText(text.replace("&", "&&"))
                key.setAccessibleName(text)
                key.setVisible(bool(text))
        for keys in self._keys[1 + len(PAGES[self._page]) :]:
            for key in keys:
                key.hide()
        self._column.activate()
        self.adjustSize()
        self._put_below()

    def _show_text(self) -> None:
        """What is typed, covered where the field covers it: the keyboard may lie over the field."""
        name = self._target.accessibleName() or self._target.placeholderText()
        self._shown.setText(f"{name}: {self._target.displayText()}▏")

    def _put_below(self) -> None:
        window = self.window()
        left = (window.width() - self.width()) // 2
        self.move(left, window.height() - self.height() - self.height() // 7)
