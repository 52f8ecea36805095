"""A bare WebSocket server under the same uvicorn and settings as ours: what the server alone costs.

python -m bench.baseline.bare FOLDER PORT    with `cert.pem` and `key.pem` in the folder
"""

import asyncio
import sqlite3
import sys
import time
from pathlib import Path

from starlette.types import Receive, Scope, Send

from lovhub.server import memory, serving
from lovhub.server.certificate import ensure_certificate
from lovhub.server.listener import listening_socket

LOG_BYTES = 5 * 1024 * 1024
"""More than the thousand pages at which SQLite empties its log."""

_EMPTY = [(b"content-length", b"0")]


class Nothing:
    """Nothing else lives on the loop."""

    async def start(self) -> None:
        """See Backstage."""

    async def stop(self) -> None:
        """See Backstage."""


class Bare:
    """`/echo` says what was said. `POST /push/7` tells a text to who listens on `/pc/7`.

    `POST /noted/7` does so after it has written it down, one durable commit, in a thread.
    """

    def __init__(self, folder: Path) -> None:
        self._listeners: dict[str, Send] = {}
        self._notes = sqlite3.connect(folder / "bare.db", check_same_thread=False)
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            self._notes.execute(f"PRAGMA {pragma}")
        self._notes.execute(
            "CREATE TABLE note (id INTEGER PRIMARY KEY, pc TEXT, text TEXT, at REAL)"
        )
        # As after a day's work: SQLite's log has its whole length, and is written over. While it grows, each commit
        # has the file system note a longer file, which takes the disk twice as long.
        self._note("", "-" * LOG_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] == "websocket":
            await self._converse(scope["path"], receive, send)
        elif scope["type"] == "http":
            _, way, number = scope["path"].split("/")
            text = (await receive())["body"].decode()
            if way == "noted":
                await asyncio.to_thread(self._note, number, text)
            await self._listeners[f"/pc/{number}"]({"type": "websocket.send", "text": text})
            await send({"type": "http.response.start", "status": 200, "headers": _EMPTY})
            await send({"type": "http.response.body"})

    async def _converse(self, path: str, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "websocket.connect":
                await send({"type": "websocket.accept"})
                self._listeners[path] = send
            elif message["type"] == "websocket.receive":
                await send({"type": "websocket.send", "text": message["text"]})
            else:
                return

    def _note(self, number: str, text: str) -> None:
        with self._notes:
            self._notes.execute(
                "INSERT INTO note (pc, text, at) VALUES (?, ?, ?)", (number, text, time.time())
            )


if __name__ == "__main__":
    where = Path(sys.argv[1])
    certificate = ensure_certificate(where, time.time())
    with listening_socket("127.0.0.1", int(sys.argv[2])) as listener:
        memory.settle()
        print("listening", flush=True)
        context = serving.tls_context(certificate)
        serving.run(Bare(where), Nothing(), listener, context, serving.Stopper())
