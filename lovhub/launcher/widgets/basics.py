"""Small things every screen needs: labels and buttons with a role, and a sheet over a screen."""

import string

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from lovhub.launcher.texts import _, format_countdown, format_duration
from lovhub.launcher.theme import Look

URGENT_SECONDS = 300
"""From here on the time left is shown in red."""

LONGEST_ENTRY = 200
"""No login, password or code is longer; what is pasted stays far below the limit of a frame."""


def label(text: str = "", role: str = "", name: str = "", *, wrap: bool = False) -> QLabel:
    """A label. Text from the server is never read as HTML."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setObjectName(name)
    made.setWordWrap(wrap)
    return made


def entry(
    name: str,
    words: str,
    *,
    is_secret: bool = False,
    is_labelled: bool = False,
    longest: int = LONGEST_ENTRY,
) -> QLineEdit:
    """A field to type into. `words` say what, inside of it too, if no label beside it does."""
    made = QLineEdit()
    made.setObjectName(name)
    made.setAccessibleName(words)
    if not is_labelled:
        made.setPlaceholderText(words)
    if is_secret:
        made.setEchoMode(QLineEdit.EchoMode.Password)
    made.setMaxLength(longest)
    # A context menu is a window of its own: it would take the keyboard from the lock.
    made.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
    return made


class ShorteningLabel(QLabel):
    """One line of somebody's words, which ends in «…» where there is no room: it never makes a window wider."""

    def __init__(self, role: str, name: str) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setObjectName(name)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 4, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 (Qt's signature)
        fitting = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width()
        )
        QStylePainter(self).drawItemText(
            self.rect(), self.alignment(), self.palette(), self.isEnabled(), fitting
        )


class Countdown(QLabel):
    """The time left, another each second.

    It asks its layout for room only when its text gets longer or shorter, or else the whole window would be laid out
    each second, under a game too.
    """

    def __init__(self, role: str, name: str) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setObjectName(name)
        self.show_seconds(0)

    def show_seconds(self, seconds_left: int, *, in_minutes: bool = False) -> None:
        """A second has passed. `in_minutes`: no seconds are shown, until few minutes are left."""
        is_urgent = seconds_left <= URGENT_SECONDS
        shows = format_duration if in_minutes and not is_urgent else format_countdown
        text = shows(seconds_left)
        if text == self.text():
            return
        is_as_long = len(text) == len(self.text())
        self.setText(text)
        self.setAccessibleName(_("Осталось {time}").format(time=text))
        restyle(self, "urgent", "true" if is_urgent else "false")
        if not is_as_long:
            self._make_room()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Of a fixed size, for Qt asks no layout about such a widget; whatever digits come, they fit."""
        self.ensurePolished()
        self.setMinimumSize(0, 0)  # what it had before is the least that Qt asks for
        shown, room = self.text(), QSize()
        for digit in string.digits:
            self.setText("".join(digit if one.isdigit() else one for one in shown))
            room = room.expandedTo(self.sizeHint())
        self.setText(shown)
        self.setFixedSize(room)


def restyle(widget: QWidget, property_name: str, value: str) -> None:
    """Set a property that the style sheet selects by, and show the widget in its new style.

    One that was never set looks as "false" does: nothing is asked of the style then, and `theme.ARGUMENTS` says why.
    """
    before = widget.property(property_name)
    if before == value:
        return
    widget.setProperty(property_name, value)
    if before is not None or value != "false":
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Button(QPushButton):
    """A button that also answers to Enter."""

    def __init__(self, text: str = "", role: str = "", name: str = "") -> None:
        super().__init__(text)
        self.setProperty("role", role)
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if text:
            self.setAccessibleName(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)


class Sheet(QFrame):
    """A card in front of a dimmed screen, not a dialog: a lock must not open further windows.

    While it is shown, `behind` takes no keys and no clicks. Escape closes it.

    Signals:
        closed: it went away, by Escape or by `dismiss`.
    """

    closed = Signal()

    def __init__(self, behind: QWidget, look: Look, width: float) -> None:
        super().__init__(behind.parentWidget())
        self.setProperty("role", "sheet")
        self._behind = behind
        self._focus_before: QWidget | None = None
        card = QFrame()
        card.setProperty("role", "sheetCard")
        card.setFixedWidth(look.px(width))
        self.body = QVBoxLayout(card)
        margin = look.px(36)
        self.body.setContentsMargins(margin, margin, margin, margin)
        self.body.setSpacing(look.px(16))
        across = QHBoxLayout(self)
        across.addStretch()
        across.addWidget(card, 0, Qt.AlignmentFlag.AlignVCenter)
        across.addStretch()
        behind.installEventFilter(self)
        self.hide()

    def present(self, first: QWidget) -> None:
        """Show the sheet with the focus on `first`."""
        self._focus_before = self._behind.focusWidget()
        self._behind.setEnabled(False)
        self.setGeometry(self._behind.geometry())
        self.show()
        self.raise_()
        first.setFocus(Qt.FocusReason.TabFocusReason)

    def dismiss(self) -> None:
        """Take the sheet away and give the focus back."""
        if self.isHidden():
            return
        self.hide()
        self._behind.setEnabled(True)
        # What had the focus may be gone: a purchase makes the list of tariffs anew.
        if self._focus_before is not None and isValid(self._focus_before):
            self._focus_before.setFocus(Qt.FocusReason.TabFocusReason)
        self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._behind and event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self.setGeometry(self._behind.geometry())
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        self.raise_()
        super().showEvent(event)


def answers(look: Look, first: QWidget, *others: QWidget) -> QHBoxLayout:
    """A row of buttons under a question: the answer that is meant takes the room, the others stand beside it."""
    row = QHBoxLayout()
    row.setSpacing(look.px(12))
    row.addWidget(first, 1)
    for other in others:
        row.addWidget(other)
    return row
