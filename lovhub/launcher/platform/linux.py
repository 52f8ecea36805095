"""The lock on X11, with any window manager and with none.

The covers are override-redirect windows: no window manager closes, moves, hides or shades them,
since it never handles them. Active grabs take the keyboard and the mouse before the passive ones of
a window manager (Alt+Tab and its like) and of every other program.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QSocketNotifier
from PySide6.QtGui import QWindow

from lovhub.launcher.platform import Cover, Fault, KeyboardState, Rectangle
from lovhub.launcher.platform.xcb import XServer, XServerGone, XWindow


class LinuxGuard:
    """ScreenGuard for X11."""

    bypasses_window_manager = True

    def __init__(self, parent: QObject) -> None:
        self._parent = parent
        self._server = XServer()
        self._notifier: QSocketNotifier | None = None

    def watch(self, changed: Callable[[], None]) -> None:
        def on_events() -> None:
            self._server.drain_events()
            changed()

        descriptor = self._server.watch_windows()
        self._notifier = QSocketNotifier(descriptor, QSocketNotifier.Type.Read, self._parent)
        self._notifier.activated.connect(on_events)

    def seize_input(self, window: QWindow) -> bool:
        # Asked for each time: a grab that is held is granted again, one that was lost comes back.
        keyboard_held = window.setKeyboardGrabEnabled(True)
        mouse_held = window.setMouseGrabEnabled(True)
        return keyboard_held and mouse_held

    def release_input(self, window: QWindow) -> None:
        window.setMouseGrabEnabled(False)
        window.setKeyboardGrabEnabled(False)

    def faults(self, covers: Sequence[Cover]) -> dict[int, Fault]:
        try:
            windows = self._server.windows()
        except XServerGone:
            return {cover.window_id: "gone" for cover in covers}
        return find_faults(covers, windows)

    def put_back(self, cover: Cover) -> None:
        self._server.raise_window(cover.window_id, *cover.screen)

    def keyboard(self) -> KeyboardState:
        caps_lock, group = self._server.caps_lock_and_group()
        layouts = self._server.layout_names()
        layout = layouts[group] if group < len(layouts) else ""
        return KeyboardState(
            caps_lock, {"us": "EN", "gb": "EN", "kz": "KK"}.get(layout, layout[:2].upper())
        )


def find_faults(covers: Sequence[Cover], windows: Sequence[XWindow]) -> dict[int, Fault]:
    """What is wrong with the covers, given all top-level windows, the lowest first."""
    own = {cover.window_id for cover in covers}
    places = {window.window_id: index for index, window in enumerate(windows)}
    faults: dict[int, Fault] = {}
    for cover in covers:
        index = places.get(cover.window_id)
        if index is None:
            faults[cover.window_id] = "gone"
            continue
        window = windows[index]
        if not window.visible:
            faults[cover.window_id] = "hidden"
        elif Rectangle(*window[2:]) != cover.screen:
            faults[cover.window_id] = "moved"
        elif any(
            above.visible
            and above.window_id not in own
            and Rectangle(*above[2:]).overlaps(cover.screen)
            for above in windows[index + 1 :]
        ):
            faults[cover.window_id] = "covered"
    return faults
