"""Small messages over a running game. They never take the focus from it."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout

from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import label, restyle
from lovhub.launcher.widgets.over_game import OverGame

WARNING_MILLISECONDS = 10_000
NOTICE_MILLISECONDS = 30_000


class Toast(OverGame):
    """One message in the lower right corner; a click sends it away."""

    def __init__(self, look: Look, name: str) -> None:
        super().__init__(look, name)
        self._frame = QFrame(self)
        self._frame.setObjectName("toast")
        self.title = label("", "toastTitle", f"{name}Title", wrap=True)
        self.text = label("", "muted", f"{name}Text", wrap=True)
        inside = QVBoxLayout(self._frame)
        inside.setContentsMargins(look.px(24), look.px(16), look.px(24), look.px(16))
        inside.addWidget(self.title)
        inside.addWidget(self.text)
        self._outside = QVBoxLayout(self)
        self._outside.setContentsMargins(0, 0, 0, 0)
        self._outside.addWidget(self._frame)
        self.setFixedWidth(look.px(480))
        self._end = QTimer(self, singleShot=True)
        self._end.timeout.connect(self.dismiss)

    def say(self, title: str, text: str, *, urgent: bool, above: int, milliseconds: int) -> None:
        """Show this for a while, `above` pixels over the bottom of the screen."""
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        restyle(self._frame, "urgent", "true" if urgent else "false")
        self.setAccessibleName(f"{title}. {text}")
        for part in (self, self._frame, self.title, self.text):
            part.ensurePolished()
        # The outer layout goes by the text before, as long as nothing is shown.
        self.setFixedHeight(self._frame.heightForWidth(self.width()))
        self.place(above)
        self.appear()
        self._end.start(milliseconds)

    def place(self, above: int) -> None:
        """In the corner, `above` pixels over the bottom of the screen."""
        screen = QGuiApplication.primaryScreen().geometry()
        margin = self._look.px(28)
        bottom = screen.bottom() - margin - above
        self.move(screen.right() - self.width() - margin, bottom - self.height())

    def dismiss(self) -> None:
        """Take it away."""
        self._end.stop()
        self.disappear()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002 (Qt's signature)
        self.dismiss()


class Toasts:
    """The warning about time and the message from the desk, one under the other."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self.warning = Toast(look, "warningToast")
        self.notice = Toast(look, "noticeToast")

    def warn(self, title: str, text: str, *, urgent: bool) -> None:
        """Time is running out."""
        self.warning.say(title, text, urgent=urgent, above=0, milliseconds=WARNING_MILLISECONDS)
        self.notice.place(self._above_warning())

    def tell(self, title: str, text: str) -> None:
        """The desk has a message."""
        above = self._above_warning()
        self.notice.say(title, text, urgent=False, above=above, milliseconds=NOTICE_MILLISECONDS)

    def dismiss(self) -> None:
        """Take both away."""
        self.warning.dismiss()
        self.notice.dismiss()

    def _above_warning(self) -> int:
        return self.warning.height() + self._look.px(20) if self.warning.isVisible() else 0
