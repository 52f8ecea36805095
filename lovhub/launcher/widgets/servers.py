"""Which of the servers that announce themselves is the club's, chosen by whoever sets the PC up."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lovhub.launcher.theme import Look
from lovhub.launcher.widgets.basics import Button
from lovhub.protocol.views import ServerView

MOST_SHOWN = 6
"""What fits on the smallest screen; more than that have an address in `config.ini`."""

LONGEST_NAME = 180
"""A club's, in units of the look. Beside it the whole address is to be read, which no stranger can make up."""


class ServerChoice(QWidget):
    """A button for each server.

    Signals:
        server_wanted(address): chosen.
    """

    server_wanted = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, look.px(8), 0, 0)
        self._layout.setSpacing(look.px(10))
        self._shown: tuple[ServerView, ...] = ()
        self.buttons: list[Button] = []

    def show_servers(self, servers: tuple[ServerView, ...]) -> None:
        """These; the buttons stay where nothing has changed, so that nobody presses another than they meant."""
        if servers == self._shown:
            return
        self._shown = servers
        for button in self.buttons:
            self._layout.removeWidget(button)
            button.deleteLater()
        self.buttons = [self._button(server) for server in servers[:MOST_SHOWN]]

    def _button(self, server: ServerView) -> Button:
        button = Button("", "", "server")
        button.ensurePolished()
        name = button.fontMetrics().elidedText(
            server.club_name, Qt.TextElideMode.ElideRight, self._look.px(LONGEST_NAME)
        )
        text = f"{name}  ·  {server.address}" if name else server.address
        # A stranger may have written it: an ampersand is no key to press.
        button.setText(text.replace("&", "&&"))
        button.setAccessibleName(text)
        button.clicked.connect(lambda: self.server_wanted.emit(server.address))
        self._layout.addWidget(button)
        return button
