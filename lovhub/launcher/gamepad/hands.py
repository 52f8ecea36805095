"""What a pad's deeds do to the window: the same as keys would, and the focus goes where one looks."""

from typing import cast

from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QScrollArea,
    QWidget,
)

from lovhub.launcher.gamepad.mapping import Deed, Direction
from lovhub.launcher.gamepad.places import Place, nearest

_ARROWS: dict[Direction, Qt.Key] = {
    "up": Qt.Key.Key_Up,
    "down": Qt.Key.Key_Down,
    "left": Qt.Key.Key_Left,
    "right": Qt.Key.Key_Right,
}
_ANY_FOCUS = Qt.FocusPolicy.TabFocus | Qt.FocusPolicy.ClickFocus
_ALONG: dict[Direction, bool] = {"left": True, "right": True, "up": False, "down": False}


def press_key(
    widget: QWidget,
    key: Qt.Key,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    text: str = "",
) -> None:
    """As if it were pressed and let go on the keyboard."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(widget, QKeyEvent(kind, key, modifiers, text))


class Hands:
    """Carries deeds out."""

    def do(self, deed: Deed, root: QWidget) -> None:
        """Do it, in this part of a window; what means nothing here is passed over."""
        focus = focus_in(root)
        if deed in _ARROWS:
            self._go(deed, root, focus)
        elif deed in ("previous", "next"):
            self._turn(root, 1 if deed == "next" else -1)
            if isinstance(focus, QAbstractItemView) and not focus.currentIndex().isValid():
                focus.setCurrentIndex(focus.model().index(0, 0))
        elif focus is None:
            return
        elif deed == "press":
            press_key(focus, Qt.Key.Key_Return)
        elif deed == "back":
            press_key(focus, Qt.Key.Key_Escape)
        elif deed == "x" and isinstance(focus, QAbstractItemView):
            press_key(focus, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)

    def _go(self, direction: Direction, root: QWidget, focus: QWidget | None) -> None:
        if focus is None:
            first = next(iter(_places(root)), None)
            if first is not None:
                _focus(first)
            return
        if isinstance(focus, QAbstractSlider) and _ALONG[direction]:
            press_key(focus, _ARROWS[direction])
            return
        if isinstance(focus, QAbstractItemView):
            before = focus.currentIndex()
            press_key(focus, _ARROWS[direction])
            if focus.currentIndex() != before:
                return  # its own tiles come first; at their edge the way leads out
        others = [widget for widget in _places(root) if widget is not focus]
        found = nearest(_place(focus), [_place(widget) for widget in others], direction)
        if found is not None:
            _focus(others[found])

    def _turn(self, root: QWidget, step: int) -> None:
        """To the tab beside the one that is chosen, if there are tabs."""
        tabs = [
            button
            for button in root.findChildren(QAbstractButton)
            if button.property("role") == "tab" and button.isVisible() and button.isEnabled()
        ]
        chosen = next((number for number, tab in enumerate(tabs) if tab.isChecked()), None)
        if chosen is not None and 0 <= chosen + step < len(tabs):
            tabs[chosen + step].click()


def focus_in(root: QWidget) -> QWidget | None:
    """What has the focus in this part of its window, and can do something."""
    focus = cast("QWidget | None", root.window().focusWidget())  # its stub knows no None
    if focus is None or not (focus is root or root.isAncestorOf(focus)):
        return None
    return focus if focus.isVisible() and focus.isEnabled() else None


def _focus(widget: QWidget) -> None:
    """Go there, and bring it into sight where only a part of a list is shown."""
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    around = widget.parentWidget()
    while around is not None and not isinstance(around, QScrollArea):
        around = around.parentWidget()
    if around is not None:
        around.ensureWidgetVisible(widget)


def _places(root: QWidget) -> list[QWidget]:
    """All that may have the focus now, and is seen.

    Not by TabFocus alone: Qt takes it from all tabs of a group but one.
    """
    return [
        widget
        for widget in root.findChildren(QWidget)
        if widget.focusPolicy() & _ANY_FOCUS
        and widget.isVisible()
        and widget.isEnabled()
        and not widget.visibleRegion().isEmpty()
    ]


def _place(widget: QWidget) -> Place:
    """What is seen of it on the screen; of a list, the line that is chosen: from there the way leads on."""
    rect = widget.visibleRegion().boundingRect()
    if isinstance(widget, QAbstractItemView) and widget.hasFocus():
        chosen = widget.visualRect(widget.currentIndex())
        rect = chosen.intersected(rect) if chosen.isValid() else rect
        corner = widget.viewport().mapToGlobal(rect.topLeft())
    else:
        corner = widget.mapToGlobal(rect.topLeft())
    return _as_place(QRect(QPoint(corner), rect.size()))


def _as_place(rect: QRect) -> Place:
    return Place(rect.left(), rect.top(), rect.right(), rect.bottom())
