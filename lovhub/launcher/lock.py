"""The lock: a window over every screen that stays there, whatever is done to it, until released.

It looks at itself four times a second, and at once when the system tells of a change: a cover that
was hidden, moved, covered or destroyed is put back, and the keyboard is taken again. What it finds
is what the launcher reports to the agent as `covering`.
"""

from collections.abc import Callable, Container
from typing import cast

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QScreen,
)
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lovhub.launcher.platform import Cover, KeyboardState, Rectangle, ScreenGuard
from lovhub.launcher.theme import Look

SELF_CHECK_MILLISECONDS = 250
REACTION_MILLISECONDS = 15
"""Changes that come in a burst are answered once."""

SLANT = 0.35
_SLASHES = (
    (-0.42, 0.30, "background_shape"),
    (0.34, 0.40, "background_shape"),
    (0.425, 0.435, "background_line"),
)
"""The picture behind everything: from, to (parts of the width, at the lower edge), colour."""


class CoverWindow(QWidget):
    """Covers one screen. It refuses to be closed."""

    def __init__(self, screen: QScreen, look: Look, *, bypass_window_manager: bool) -> None:
        flags = (
            Qt.WindowType.Window
            | Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.WindowStaysOnTopHint
            | Qt.WindowType.CustomizeWindowHint
        )
        if bypass_window_manager:
            flags |= Qt.WindowType.BypassWindowManagerHint
        super().__init__(None, flags)
        self._look = look
        self.painted = False
        self.setObjectName("lock")
        self.setWindowTitle("LoVHub")
        self.setScreen(screen)
        self.setGeometry(screen.geometry())
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    def fill(self, content: QWidget) -> None:
        """Show this on the cover."""
        self._layout.addWidget(content)
        content.show()

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 (Qt's signature)
        """Still, and without gradients: it costs nothing, and cheap panels show no bands."""
        self.painted = True
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self._look.color("background"))
        width, height = self.width(), self.height()
        painter.setPen(Qt.PenStyle.NoPen)
        for left, right, color in _SLASHES:
            painter.setBrush(self._look.color(color))
            painter.drawPolygon(
                [
                    QPointF(width * left + height * SLANT, 0),
                    QPointF(width * right + height * SLANT, 0),
                    QPointF(width * right, height),
                    QPointF(width * left, height),
                ]
            )
        painter.fillRect(QRect(0, 0, width, self._look.px(4)), self._look.color("accent"))


class Lock(QObject):
    """Covers every screen with `content` on the primary one, from `engage` until `release`."""

    def __init__(
        self, guard: ScreenGuard, look: Look, content: QWidget, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._guard = guard
        self._look = look
        self._content = content
        self._covers: list[CoverWindow] = []
        self._engaged = False
        self._covering = False
        self._checking = False
        self._keyboard_changed: Callable[[KeyboardState], None] = lambda _state: None
        self._timer = QTimer(self, interval=SELF_CHECK_MILLISECONDS)
        self._timer.timeout.connect(self.check)
        self._soon = QTimer(self, interval=REACTION_MILLISECONDS, singleShot=True)
        self._soon.timeout.connect(self.check)
        guard.watch(self._something_changed)
        application = cast("QGuiApplication", QGuiApplication.instance())
        for screen in application.screens():
            self._watch_screen(screen)
        application.screenAdded.connect(self._watch_screen)
        application.screenAdded.connect(self._screens_changed)
        application.screenRemoved.connect(self._screens_changed)
        application.primaryScreenChanged.connect(self._screens_changed)

    @property
    def engaged(self) -> bool:
        """Whether the lock is meant to be up."""
        return self._engaged

    @property
    def covering(self) -> bool:
        """Whether the last self-check found every screen covered and the keyboard held."""
        return self._engaged and self._covering

    def on_keyboard(self, changed: Callable[[KeyboardState], None]) -> None:
        """Call this with Caps Lock and layout at each self-check while the lock is up."""
        self._keyboard_changed = changed

    def show_instead(self, content: QWidget) -> None:
        """Cover with this from now on. Only while the lock is not up."""
        self._content = content

    def engage(self) -> None:
        """Cover every screen now."""
        if self._engaged:
            return
        self._engaged = True
        self._build()
        self._timer.start()
        self.check()

    def release(self) -> None:
        """Let the player through."""
        if not self._engaged:
            return
        self._engaged = False
        self._covering = False
        self._timer.stop()
        self._soon.stop()
        self._tear_down()

    def check(self) -> None:
        """Look at every cover and put right what is wrong; `covering` is what was found then."""
        if not self._engaged or self._checking:
            return
        self._checking = (
            True  # showing a window runs the event loop of some systems, and so comes back here
        )
        try:
            faults = self._guard.faults(self._places())
            if "gone" in faults.values():
                self._build()
            elif faults:
                self._put_back(faults)
            held = self._hold_input()
            painted = all(cover.painted for cover in self._covers)
            settled = not faults or not self._guard.faults(self._places())
            self._covering = held and painted and settled
            self._keyboard_changed(self._guard.keyboard())
        finally:
            self._checking = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Answer at once what Qt itself notices on a cover."""
        if event.type() in _EVENTS_OF_INTEREST:
            self._something_changed()
        return super().eventFilter(watched, event)

    def _something_changed(self) -> None:
        if self._engaged and not self._soon.isActive():
            self._soon.start()

    def _watch_screen(self, screen: QScreen) -> None:
        screen.geometryChanged.connect(self._screens_changed)

    def _screens_changed(self) -> None:
        if self._engaged:
            self._build()
            self.check()

    def _build(self) -> None:
        old = self._covers
        self._covers = []
        primary = QGuiApplication.primaryScreen()
        for screen in QGuiApplication.screens():
            cover = CoverWindow(
                screen, self._look, bypass_window_manager=self._guard.bypasses_window_manager
            )
            if screen is primary:
                cover.fill(self._content)
                self._covers.insert(0, cover)
            else:
                self._covers.append(cover)
            cover.installEventFilter(self)
            cover.show()
        for cover in old:  # only now: at no moment is a screen bare
            _destroy(cover)
        self._hold_input()

    def _tear_down(self) -> None:
        if self._covers:
            self._guard.release_input(self._covers[0].windowHandle())
        self._content.setParent(None)
        for cover in self._covers:
            _destroy(cover)
        self._covers = []

    def _places(self) -> list[Cover]:
        return [
            Cover(int(cover.winId()), _native_geometry(cover.screen())) for cover in self._covers
        ]

    def _put_back(self, faulty: Container[int]) -> None:
        for window, place in zip(self._covers, self._places(), strict=True):
            if place.window_id in faulty:
                window.setWindowState(Qt.WindowState.WindowNoState)
                window.setGeometry(window.screen().geometry())
                window.show()
                self._guard.put_back(place)

    def _hold_input(self) -> bool:
        first = self._covers[0]
        held = self._guard.seize_input(first.windowHandle())
        if not first.isActiveWindow():
            first.activateWindow()
        return held


def _destroy(cover: CoverWindow) -> None:
    cover.hide()
    cover.deleteLater()


def _native_geometry(screen: QScreen) -> Rectangle:
    """Where the screen is in the system's pixels: Qt scales sizes, but not a screen's origin."""
    place, ratio = screen.geometry(), screen.devicePixelRatio()
    return Rectangle(
        place.x(), place.y(), round(place.width() * ratio), round(place.height() * ratio)
    )


_EVENTS_OF_INTEREST = {
    QEvent.Type.Hide,
    QEvent.Type.Move,
    QEvent.Type.Resize,
    QEvent.Type.WindowStateChange,
    QEvent.Type.WindowDeactivate,
    QEvent.Type.Expose,
}
