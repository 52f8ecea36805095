"""Where there is a pad: whose deeds are done where, and what is shown for it."""

from collections.abc import Mapping

from PySide6.QtWidgets import QLineEdit, QWidget
from shiboken6 import isValid

from lovhub.launcher.gamepad.hands import Hands, focus_in
from lovhub.launcher.gamepad.hints import Hints
from lovhub.launcher.gamepad.mapping import Deed, Mapper, PadState
from lovhub.launcher.gamepad.screen_keyboard import ScreenKeyboard
from lovhub.launcher.theme import Look

HINTS_SECONDS = 20.0
"""Whoever has put the pad down reads no hints."""


class Steering:
    """All pads of this PC steer the same."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._hands = Hands()
        self._mappers: dict[str, Mapper] = {}
        self._keyboard: ScreenKeyboard | None = None
        self._hints: Hints | None = None
        self._used_at = 0.0

    def step(self, window: QWidget, states: Mapping[str, PadState], now: float) -> None:
        """The pads are so now."""
        for gone in self._mappers.keys() - states.keys():
            del self._mappers[gone]
        for name, state in states.items():
            for deed in self._mappers.setdefault(name, Mapper()).step(state, now):
                self._used_at = now
                self._do(deed, window)
        if self._keyboard is not None and not self._keyboard.is_needed():
            self._put_keyboard_away()
        if not states or now - self._used_at > HINTS_SECONDS:
            self._hide_hints()

    def leave(self) -> None:
        """Another window, or none: what is held then is not meant for it."""
        self._mappers.clear()
        self._put_keyboard_away()
        self._hide_hints()

    def _do(self, deed: Deed, window: QWidget) -> None:
        focus = focus_in(window)
        if self._keyboard is not None:
            self._type(deed, self._keyboard)
        elif deed == "press" and isinstance(focus, QLineEdit) and not focus.isReadOnly():
            self._keyboard = ScreenKeyboard(self._look, focus)
            self._keyboard.done.connect(self._put_keyboard_away)
        else:
            self._hands.do(deed, window)
        self._show_hints(window)

    def _type(self, deed: Deed, keyboard: ScreenKeyboard) -> None:
        match deed:
            case "back":
                self._put_keyboard_away()
            case "x":
                keyboard.erase()
            case "y":
                keyboard.type(" ")
            case "previous":
                keyboard.shift()
            case "next":
                keyboard.turn()
            case _:
                self._hands.do(deed, keyboard)

    def _put_keyboard_away(self) -> None:
        keyboard, self._keyboard = self._keyboard, None
        if keyboard is not None and isValid(keyboard):
            keyboard.give_back()

    def _show_hints(self, window: QWidget) -> None:
        if self._hints is None or not isValid(self._hints) or self._hints.window() is not window:
            self._hide_hints()
            self._hints = Hints(self._look, window)
        self._hints.show_for(typing=self._keyboard is not None, focus=focus_in(window))

    def _hide_hints(self) -> None:
        hints, self._hints = self._hints, None
        if hints is not None and isValid(hints):
            hints.hide()
            hints.deleteLater()
