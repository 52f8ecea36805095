"""The connection to the agent: everything that takes time happens here, and never in a window.

A window asks and goes on; the answer comes back to it by a callback on the UI thread. There is no
other way to reach the agent, so no window can freeze while a server is slow.
"""

import logging
import os
from collections.abc import Callable
from typing import Literal
from uuid import uuid4

import msgspec
from PySide6.QtCore import QByteArray, QObject, QTimer, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtNetwork import QLocalSocket

from lovhub.launcher.platform.peer import peer_pid
from lovhub.protocol import MAX_FRAME_BYTES, PROTOCOL_VERSION, local
from lovhub.protocol.codec import ProtocolError
from lovhub.protocol.views import AnswerCode

ANSWER_TIMEOUT_TICKS = 40
"""An answer later than these 20 s is no answer. Longer than the agent waits for the server."""

ICON_SIDE = 128
MOST_ICON_BYTES = 40_000
"""With its base64 it fits into one frame."""

Answered = Callable[[AnswerCode], None]
Request = (
    local.PlayerSignIn
    | local.PlayerSetPassword
    | local.PlayerSignInWithCode
    | local.PlayerRegister
    | local.PlayerBuy
    | local.PlayerTopUp
    | local.PlayerCancelTopUp
    | local.PlayerUsePromoCode
    | local.PlayerAskOperations
    | local.PlayerStar
    | local.PlayerChooseHabits
    | local.PlayerPause
    | local.PlayerSignOut
    | local.PlayerLaunch
    | local.PlayerCall
    | local.PlayerStepAway
    | local.PlayerComeBack
    | local.PersonSignIn
    | local.PersonSignOut
    | local.PersonTopUp
    | local.PersonAddApplication
    | local.TechnicianCode
)

log = logging.getLogger(__name__)


class _Waiting(msgspec.Struct):
    """A request without its answer so far."""

    answered: Answered
    ticks_left: int = ANSWER_TIMEOUT_TICKS


class AgentConnection(QObject):
    """Keeps a connection to the agent, attaches on it, and comes back for ever when it breaks.

    `agent_pid`: the only process that is told the token and believed; 0: whoever answers.

    Signals:
        message_received: a `State`, `Clock`, `Warn`, `Notice` or `Quit` from the agent.
        connected_changed: whether there is a connection now.
    """

    message_received = Signal(object)
    connected_changed = Signal(bool)

    def __init__(
        self, socket_name: str, token: str, agent_pid: int = 0, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._agent_pid = agent_pid
        self._socket_name = socket_name
        self._token = token
        self._waiting: dict[str, _Waiting] = {}
        self._buffer = b""
        self._socket = QLocalSocket(self)
        self._socket.connected.connect(self._attach)
        self._socket.disconnected.connect(self._lost)
        self._socket.errorOccurred.connect(self._failed)
        self._socket.readyRead.connect(self._read)

    @property
    def connected(self) -> bool:
        """Whether the agent can be reached now."""
        return self._socket.state() == QLocalSocket.LocalSocketState.ConnectedState

    def open(self) -> None:
        """Try to reach the agent, now and at each `tick` at which there is no connection."""
        self._connect_if_unconnected()

    def close(self) -> None:
        """Leave the agent, until the next `tick`."""
        self._socket.abort()

    def ask(self, request: Request, answered: Answered) -> None:
        """Send a player's request; `answered` is called exactly once, later, on the UI thread.

        Without an answer in time, or without a connection, the code is `server_unreachable`:
        whether the request was carried out is then not known, so asking again must reuse its
        `request_id`.
        """
        self._waiting[request.request_id] = _Waiting(answered)
        if self.connected:
            self._send(request)
        else:
            QTimer.singleShot(0, lambda: self._answer(request.request_id, "server_unreachable"))

    def tell_alive(self, *, covering: bool) -> bool:
        """Tell the agent that the launcher lives, and whether the lock covers every screen.

        Returns whether it is there to hear that.
        """
        if not self.connected:
            return False
        self._send(local.Alive(covering=covering))
        return True

    def tell(self, message: local.LauncherMessage) -> None:
        """Say something that is not answered."""
        if self.connected:
            self._send(message)

    def _send(self, message: local.LauncherMessage) -> None:
        self._socket.write(local.launcher_codec.encode(message) + b"\n")
        self._socket.flush()

    def _attach(self) -> None:
        self._buffer = b""
        if self._agent_pid and peer_pid(self._socket.socketDescriptor()) != self._agent_pid:
            self._break_off("another process in the agent's place")
            return
        self._send(local.Attach(protocol=PROTOCOL_VERSION, token=self._token, pid=os.getpid()))
        self.connected_changed.emit(True)

    def _failed(self, error: QLocalSocket.LocalSocketError) -> None:
        log.debug("agent socket: %s", error.name)

    def _lost(self) -> None:
        for request_id in list(self._waiting):
            self._answer(request_id, "server_unreachable")
        self.connected_changed.emit(False)

    def _read(self) -> None:
        self._buffer += self._socket.readAll().data()
        *lines, self._buffer = self._buffer.split(b"\n")
        try:
            for line in lines:
                self._handle(local.agent_codec.decode(line))
        except ProtocolError as error:
            self._break_off(str(error))
        if len(self._buffer) > MAX_FRAME_BYTES:
            self._break_off("a line without an end")

    def _break_off(self, reason: str) -> None:
        log.error("broken off: %s", reason)
        self._buffer = b""
        self._socket.abort()

    def tick(self, *, covering: bool) -> None:
        """As `tell_alive`; a missing connection is tried again, late answers are given up.

        Every `local.LAUNCHER_ALIVE_SECONDS`. It asks the socket one thing only: under a game all counts.
        """
        if not self.tell_alive(covering=covering):
            self._connect_if_unconnected()
        for request_id, waiting in list(self._waiting.items()):
            waiting.ticks_left -= 1
            if waiting.ticks_left <= 0:
                self._answer(request_id, "server_unreachable")

    def _connect_if_unconnected(self) -> None:
        if self._socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
            self._socket.connectToServer(self._socket_name)

    def _handle(self, message: local.AgentMessage) -> None:
        if isinstance(message, local.LocalAnswer):
            self._answer(message.request_id, message.code)
        else:
            self.message_received.emit(message)

    def _answer(self, request_id: str, code: AnswerCode) -> None:
        waiting = self._waiting.pop(request_id, None)
        if waiting is None:
            log.warning("an answer to nothing that is being waited for: %s", request_id)
            return
        waiting.answered(code)


class TopUpBalanceWorker(QObject):
    """Tops up a balance for a member of staff: asked again after no answer, it is the same top-up.

    Signals:
        answered(code): how it ended.
    """

    answered = Signal(str)

    def __init__(self, connection: AgentConnection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection = connection
        self._open: tuple[str, str, int, str] | None = None

    def start(self, login: str, amount_tiyn: int, method: Literal["cash", "card"]) -> None:
        """Take so much money for the customer with this login."""
        wanted = (login, amount_tiyn, method)
        if self._open is None or self._open[1:] != wanted:
            self._open = (uuid4().hex, *wanted)
        request = local.PersonTopUp(self._open[0], login, amount_tiyn, method)
        self._connection.ask(request, self._ended)

    def _ended(self, code: AnswerCode) -> None:
        if code != "server_unreachable":
            self._open = None
        self.answered.emit(code)


class AddAppWorker(QObject):
    """Adds a program of this PC to the club's list, with the picture that its own file carries.

    Signals:
        answered(code): how it ended.
    """

    answered = Signal(str)

    def __init__(self, connection: AgentConnection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection = connection

    def icon(self, path: str) -> QPixmap:
        """The program's own picture; empty where it has none."""
        from PySide6.QtCore import QFileInfo  # noqa: PLC0415 (not before the lock is up)
        from PySide6.QtWidgets import QFileIconProvider  # noqa: PLC0415 (not before the lock is up)

        icon = QFileIconProvider().icon(QFileInfo(path))
        return icon.pixmap(ICON_SIDE, ICON_SIDE)

    def start(self, path: str, title: str, kind: Literal["game", "program"]) -> None:
        """Add it."""
        picture = _as_png(self.icon(path))
        request = local.PersonAddApplication(
            uuid4().hex,
            title,
            kind,
            path,
            picture if len(picture) <= MOST_ICON_BYTES else b"",
        )
        self._connection.ask(request, self.answered.emit)


def _as_png(picture: QPixmap) -> bytes:
    from PySide6.QtCore import QBuffer, QIODevice  # noqa: PLC0415 (not before the lock is up)
    from PySide6.QtGui import QImageWriter  # noqa: PLC0415 (not before the lock is up)

    if picture.isNull():
        return b""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    written = QImageWriter(buffer, QByteArray(b"png")).write(picture.toImage())
    return bytes(buffer.data().data()) if written else b""
