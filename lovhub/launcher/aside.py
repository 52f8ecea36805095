"""The small windows beside our large ones: messages and time over a game, the technician's bar; made when needed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from lovhub.launcher.later import Later
from lovhub.launcher.theme import Look

if TYPE_CHECKING:
    from lovhub.launcher.widgets.floating_clock import FloatingClock
    from lovhub.launcher.widgets.maintenance import MaintenanceBar
    from lovhub.launcher.widgets.toast import Toasts


class Aside:
    """`end_maintenance`: the technician is done."""

    def __init__(self, look: Look, end_maintenance: Callable[[], None]) -> None:
        self._look = look
        self._end_maintenance = end_maintenance
        self._toasts = Later(self._make_toasts)
        self._clock = Later(self._make_clock)
        self._maintenance = Later(self._make_maintenance)

    @property
    def toasts(self) -> "Toasts":
        """Messages over a game."""
        return self._toasts()

    @property
    def clock(self) -> "FloatingClock":
        """The time over a game."""
        return self._clock()

    @property
    def maintenance(self) -> "MaintenanceBar":
        """What a technician sees of us."""
        return self._maintenance()

    def show_seconds_left(self, seconds_left: int) -> None:
        """A second has passed, in a session or in maintenance."""
        self.clock.show_seconds_left(seconds_left)
        if self._maintenance.there is not None:
            self._maintenance.there.show_seconds_left(seconds_left)

    def dismiss_toasts(self) -> None:
        """They are not for the lock."""
        if self._toasts.there is not None:
            self._toasts.there.dismiss()

    def hide_clock(self) -> None:
        """No game lies over our window."""
        if self._clock.there is not None:
            self._clock.there.disappear()

    def hide_maintenance(self) -> None:
        """Nobody works here."""
        if self._maintenance.there is not None:
            self._maintenance.there.hide()

    def _make_toasts(self) -> "Toasts":
        from lovhub.launcher.widgets.toast import Toasts  # noqa: PLC0415 (not before the lock is up)

        return Toasts(self._look)

    def _make_clock(self) -> "FloatingClock":
        from lovhub.launcher.widgets.floating_clock import FloatingClock  # noqa: PLC0415 (the same)

        return FloatingClock(self._look)

    def _make_maintenance(self) -> "MaintenanceBar":
        from lovhub.launcher.widgets.maintenance import MaintenanceBar  # noqa: PLC0415 (the same)

        made = MaintenanceBar(self._look)
        made.end_wanted.connect(self._end_maintenance)
        return made
