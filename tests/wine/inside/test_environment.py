import asyncio
import sys
from pathlib import Path

import psutil
import pytest
import pywintypes
import win32event
import winerror
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

import lovhub


def test_this_is_a_windows_python_of_the_oldest_supported_version() -> None:
    assert sys.platform == "win32"
    assert sys.version_info[:2] == (3, 11)


def test_the_project_itself_is_what_is_imported() -> None:
    assert Path(lovhub.__file__).parent.parent == Path.cwd()


def test_qt_shows_a_full_screen_window_and_takes_keys(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    field = QLineEdit(window)
    window.setWindowFlag(Qt.WindowType.FramelessWindowHint)
    with qtbot.waitExposed(window):
        window.showFullScreen()

    qtbot.keyClicks(field, "player")

    assert field.text() == "player"
    assert window.size() == window.screen().size()


def test_pywin32_reaches_the_system() -> None:
    first = win32event.CreateMutex(None, False, "lovhub-test")
    assert win32event.WaitForSingleObject(first, 0) == win32event.WAIT_OBJECT_0
    first.Close()
    with pytest.raises(pywintypes.error) as caught:
        win32event.OpenMutex(win32event.SYNCHRONIZE, False, "no-such-mutex")
    assert caught.value.winerror == winerror.ERROR_FILE_NOT_FOUND


def test_random_bytes_differ_and_a_signature_is_checked() -> None:
    first, second = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    assert first.private_bytes_raw() != second.private_bytes_raw()

    first.public_key().verify(first.sign(b"lease"), b"lease")
    with pytest.raises(InvalidSignature):
        second.public_key().verify(first.sign(b"lease"), b"lease")


def test_psutil_sees_this_process() -> None:
    assert psutil.pid_exists(psutil.Process().pid)


def test_a_websocket_carries_frames_on_the_windows_event_loop() -> None:
    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async def talk() -> str | bytes:
        async with serve(echo, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            async with connect(f"ws://127.0.0.1:{port}", proxy=None) as client:
                await client.send("пульс")
                return await client.recv()

    assert asyncio.run(talk()) == "пульс"
