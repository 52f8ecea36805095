"""The PC as whoever plays likes it, and as it was before when they are gone: volume, layout, language, resolution."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtGui import QClipboard, QGuiApplication

from lovhub.launcher.platform.desktop import Desktop, Modes
from lovhub.launcher.platform.sound import Sound
from lovhub.protocol.local import State
from lovhub.protocol.views import HabitsView

if TYPE_CHECKING:
    from lovhub.launcher.widgets.comfort import ComfortSheet


class _Before(msgspec.Struct, frozen=True):
    """How the PC was when they sat down. `level` None: not to be known."""

    level: int | None
    layout: str
    modes: Modes


Whose = tuple[str, int]


class Comfort:
    """Follows the sessions on this PC.

    `speak`: show all windows in this language, "" being the PC's own; `remember`: have the server keep a choice.
    """

    def __init__(
        self,
        sound: Sound,
        desktop: Desktop,
        *,
        speak: Callable[[str], None],
        remember: Callable[..., None],
    ) -> None:
        self._sound = sound
        self._desktop = desktop
        self._speak = speak
        self._remember = remember
        self._whose: Whose | None = None
        self._before: _Before | None = None
        self._is_kept = False

    def follow(self, state: State) -> None:
        """Somebody has sat down, or is gone: a game that still waits for its player keeps the PC as it is."""
        self._is_kept = state.customer is not None and state.customer.habits is not None
        whose = self._whose_is_it(state)
        if whose == self._whose:
            return
        if self._before is not None:
            self._put_back(self._before)
        self._whose = whose
        if whose is not None:
            habits = state.customer.habits if state.customer is not None else None
            self._begin(habits or HabitsView())

    def listen_to(self, sheet: "ComfortSheet") -> None:
        """What the player sets."""
        sheet.opened.connect(lambda: self._show(sheet))
        sheet.volume_moved.connect(self._sound.set_level)
        sheet.volume_chosen.connect(lambda percent: self._keep(volume=percent))
        sheet.layout_chosen.connect(self._choose_layout)
        sheet.language_chosen.connect(self._choose_language)

    def next_layout(self) -> None:
        """Whoever types at the lock wants another layout."""
        there, now = self._desktop.layouts(), self._desktop.layout()
        if there:
            place = there.index(now) + 1 if now in there else 0
            self._desktop.set_layout(there[place % len(there)])

    # --- inside ---------------------------------------------------------------------------------

    def _whose_is_it(self, state: State) -> Whose | None:
        session = state.session
        if session is None:
            return self._whose if state.games_kept else None
        if state.customer is not None:
            return "customer", state.customer.customer_id
        if self._whose == ("guest", session.continues):
            self._whose = "guest", session.session_id  # the same guest, who has paid for more
        return "guest", session.session_id

    def _begin(self, habits: HabitsView) -> None:
        self._before = _Before(self._sound.level(), self._desktop.layout(), self._desktop.modes())
        if habits.volume is not None:
            self._sound.set_level(habits.volume)
        if habits.layout:
            self._desktop.set_layout(habits.layout)
        if habits.language:
            self._speak(habits.language)

    def _put_back(self, before: _Before) -> None:
        self._before = None
        if before.level is not None:
            self._sound.set_level(before.level)
        if before.layout:
            self._desktop.set_layout(before.layout)
        self._desktop.put_modes_back(before.modes)
        self._speak("")
        _empty_clipboard()

    def _show(self, sheet: "ComfortSheet") -> None:
        sheet.show_now(
            level=self._sound.level(),
            layout=self._desktop.layout(),
            layouts=self._desktop.layouts(),
        )
        sheet.show_kept(kept=self._is_kept)

    def _choose_layout(self, layout: str) -> None:
        self._desktop.set_layout(layout)
        self._keep(layout=layout)

    def _choose_language(self, language: str) -> None:
        self._keep(language=language)
        self._speak(language)

    def _keep(self, **choice: object) -> None:
        """A guest's choice lasts as long as their stay."""
        if self._is_kept:
            self._remember(**choice)


def _empty_clipboard() -> None:
    """What the last player copied is not the next one's."""
    clipboard = QGuiApplication.clipboard()
    modes = [QClipboard.Mode.Clipboard]
    if clipboard.supportsSelection():
        modes.append(QClipboard.Mode.Selection)
    for mode in modes:
        clipboard.setText("", mode)  # under X11 only what is ours is cleared
        clipboard.clear(mode)
