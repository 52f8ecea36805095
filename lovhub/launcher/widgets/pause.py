"""«Пауза»: the button in the player's window, and the one question before time stands still."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from lovhub.launcher.texts import _, answer_text, pausing_text
from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button, Sheet, answers, label
from lovhub.protocol.local import State
from lovhub.protocol.views import AnswerCode, TimeView

PAUSE = "pause"
"""The question by its tag, see `State.knows`."""


class PauseSession(QWidget):
    """Shown only while a pause may be had.

    Signals:
        pause_wanted(): confirmed by the player.
    """

    pause_wanted = Signal()

    def __init__(self, look: Look, behind: QWidget) -> None:
        super().__init__()
        self._seconds_left = 0
        self._plan: tuple[TimeView, ...] = ()
        self.button = Button(_("Пауза"), "", "pauseSession")
        self.button.clicked.connect(self._ask)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(self.button)
        self._sheet = Sheet(behind, look, 720)
        self._sheet.setObjectName("pauseSheet")
        self.text = label("", "subtitle", "pauseText", wrap=True)
        self.error = label("", "error", "pauseError", wrap=True)
        self.confirm = Button(_("Поставить на паузу"), "primary", "confirmPause")
        self.cancel = Button(_("Отмена"), "", "cancelPause")
        self.confirm.clicked.connect(self._confirmed)
        self.cancel.clicked.connect(self._sheet.dismiss)
        buttons = answers(look, self.confirm, self.cancel)
        body = self._sheet.body
        body.addWidget(label(_("Пауза"), "title"))
        body.addWidget(self.text)
        body.addWidget(self.error)
        body.addLayout(buttons)
        self.hide()

    def show_state(self, state: State) -> None:
        """Whether a pause may be had now, and of what."""
        session = state.session
        self._plan = session.plan if session is not None else ()
        offered = session is not None and session.pause_allowed and PAUSE in state.knows
        self.setVisible(offered)
        if not offered:
            self.close_question()

    def show_seconds_left(self, seconds_left: int) -> None:
        """A second has passed."""
        self._seconds_left = seconds_left

    def show_answer(self, code: AnswerCode) -> None:
        """It stands still, or why not."""
        self.confirm.setEnabled(True)
        if code == "ok":
            self.close_question()
            return
        self.error.setText(answer_text(code))
        self.error.show()

    def close_question(self) -> None:
        """Take the question away, if there is one."""
        self.confirm.setEnabled(True)
        self._sheet.dismiss()

    def _ask(self) -> None:
        self.error.hide()
        self.text.setText(pausing_text(self._seconds_left, self._plan))
        self._sheet.present(self.confirm)

    def _confirmed(self) -> None:
        self.confirm.setEnabled(False)
        self.error.hide()
        self.pause_wanted.emit()
