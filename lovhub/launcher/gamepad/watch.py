"""Whether there is a pad to be asked: as little as that costs, since most PCs have none."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from lovhub.clock import Clock
from lovhub.launcher.theme import Look

if TYPE_CHECKING:
    from lovhub.launcher.gamepad.devices import Pads
    from lovhub.launcher.gamepad.steering import Steering

LOOK_SECONDS = 3.0
POLL_MILLISECONDS = 20


class GamepadWatch(QObject):
    """Told four times a second which of our windows has the keyboard. In a game that is none, and nothing is done."""

    def __init__(self, look: Look, clock: Clock, pads: "Pads | None" = None) -> None:
        super().__init__()
        self._look = look
        self._clock = clock
        self._pads = pads
        self._window: QWidget | None = None
        self._steering: Steering | None = None
        self._looks_at = 0.0
        self._timer = QTimer(self, interval=POLL_MILLISECONDS)
        self._timer.timeout.connect(self._poll)

    def follow(self, window: QWidget | None) -> None:
        """Steer this window from now on; None: a game, or nothing of ours, has the keyboard."""
        if window is not self._window:
            self._rest()
            self._window, self._looks_at = window, 0.0
        if window is None or self._clock.monotonic() < self._looks_at:
            return
        self._looks_at = self._clock.monotonic() + LOOK_SECONDS
        pads = self._known_pads()
        pads.look()
        if not pads.states():
            self._timer.stop()
        elif not self._timer.isActive():
            self._take_up()
            self._timer.start()

    def _known_pads(self) -> "Pads":
        if self._pads is None:
            from lovhub.launcher.gamepad.devices import choose_pads  # noqa: PLC0415 (not at the start)

            self._pads = choose_pads()
        return self._pads

    def _take_up(self) -> None:
        if self._steering is None:
            from lovhub.launcher.gamepad.steering import Steering  # noqa: PLC0415 (where there is a pad)

            self._steering = Steering(self._look)

    def _poll(self) -> None:
        if self._window is None or self._pads is None or self._steering is None:
            return
        if not isValid(self._window):
            self._rest()  # it was made anew, in another language
            return
        states = self._pads.states()
        self._steering.step(self._window, states, self._clock.monotonic())
        if not states:
            self._rest()

    def _rest(self) -> None:
        """Until there is a window and a pad again."""
        self._timer.stop()
        if self._pads is not None:
            self._pads.let_go()
        if self._steering is not None:
            self._steering.leave()
