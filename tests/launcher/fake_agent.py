"""An agent for tests of the launcher: the other end of the local protocol, nothing behind it."""

import json
import select
import socket
import time
from pathlib import Path
from typing import Any

import msgspec

from lovhub.protocol import local
from lovhub.protocol.views import ApplicationView, CustomerView, SessionView, TariffView

WAIT_SECONDS = 40.0
POLL_SECONDS = 0.02

CUSTOMER = CustomerView(
    customer_id=7, name="Алия Сериккызы", balance_tiyn=200_000, seconds_available=0
)
TARIFFS = (
    TariffView(tariff_id=3, title="Ночь", seconds=32_400, price_tiyn=350_000),
    TariffView(tariff_id=1, title="1 час", seconds=3_600, price_tiyn=50_000),
    TariffView(tariff_id=2, title="3 часа", seconds=10_800, price_tiyn=130_000),
)
APPLICATIONS = (
    ApplicationView(application_id=11, title="Counter-Strike 2", kind="game", exe_path="/bin/true"),
    ApplicationView(application_id=12, title="Dota 2", kind="game", exe_path="/bin/true"),
    ApplicationView(application_id=13, title="Valorant", kind="game", exe_path="/bin/true"),
    ApplicationView(application_id=21, title="Браузер", kind="program", exe_path="/bin/true"),
)
LOCKED = local.State(mode="locked", computer_name="ПК-1", club_name="Арена", linked=True)
SIGNED_IN = msgspec.structs.replace(LOCKED, mode="signed_in", customer=CUSTOMER, tariffs=TARIFFS)
PLAYING = msgspec.structs.replace(
    SIGNED_IN,
    mode="playing",
    customer=msgspec.structs.replace(CUSTOMER, balance_tiyn=150_000),
    session=SessionView(
        session_id=5,
        state="active",
        title="1 час",
        customer_name=CUSTOMER.name,
        seconds_left=3_600,
        played_seconds=0,
    ),
    applications=APPLICATIONS,
)


class FakeAgent:
    """Listens for one launcher at a time, remembers what it said, says what the test wants said."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: socket.socket | None = None
        self._listener: socket.socket | None = None
        self._buffer = b""
        self._ended = False
        self.received: list[local.LauncherMessage] = []
        self.listen()

    def listen(self) -> None:
        """Be there for a launcher."""
        self._path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._path))
        self._listener.listen(1)
        self._listener.settimeout(WAIT_SECONDS)

    def accept(self) -> local.Attach:
        """Wait for the launcher and its first message."""
        assert self._listener is not None
        self.hang_up()
        self._connection, _address = self._listener.accept()
        self._connection.setblocking(False)
        self._buffer, self._ended = b"", False
        return self.wait_for(local.Attach)

    def say(self, message: local.AgentMessage) -> None:
        """Send a message to the launcher."""
        self.say_raw(local.agent_codec.encode(message) + b"\n")

    def say_raw(self, data: bytes) -> None:
        """Send bytes, whatever they are."""
        assert self._connection is not None
        self._connection.setblocking(True)
        self._connection.sendall(data)
        self._connection.setblocking(False)

    def hang_up(self) -> None:
        """Close the launcher's connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Be gone altogether."""
        self.hang_up()
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self._path.unlink(missing_ok=True)

    def read(self) -> None:
        """Take in what has arrived."""
        assert self._connection is not None
        try:
            while data := self._connection.recv(65_536):
                self._buffer += data
            self._ended = True
        except BlockingIOError:
            pass
        *lines, self._buffer = self._buffer.split(b"\n")
        self.received += [_decode(line) for line in lines]

    def wait_for(self, kind: type[Any], **fields: object) -> Any:
        """The next message of this kind with these fields; what came before it is dropped."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            self.read()
            while self.received:
                message = self.received.pop(0)
                if isinstance(message, kind) and all(
                    getattr(message, name) == value for name, value in fields.items()
                ):
                    return message
            if self._ended:
                time.sleep(POLL_SECONDS)
            else:
                select.select([self._connection], [], [], POLL_SECONDS)
        text = f"the launcher never said {kind.__name__} {fields}"
        raise AssertionError(text)

    def wait_until_covering(self, covering: bool = True) -> None:
        """Wait until a fresh report says so."""
        self.read()
        self.received.clear()
        self.wait_for(local.Alive, covering=covering)

    def answer(self, request: Any, code: str) -> None:
        """Answer a request."""
        self.say_raw(
            json.dumps({"type": "answer", "request_id": request.request_id, "code": code}).encode()
            + b"\n"
        )


def _decode(line: bytes) -> local.LauncherMessage:
    return local.launcher_codec.decode(line)
