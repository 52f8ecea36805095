"""What the bank and the operator of the demonstration have in common: HTTP, on this computer only."""

import json
import socket
import sys
from collections.abc import Callable
from gettext import gettext as _
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from lovhub.simulator.command import EXIT_FAILED

HOST = "127.0.0.1"
LARGEST_BODY_BYTES = 256 * 1024


class JsonAnswer(Protocol):
    """What goes back over a wire."""

    @property
    def status(self) -> int:
        """Of HTTP."""

    @property
    def said(self) -> object:
        """Written as JSON."""


class SmallHandler(BaseHTTPRequestHandler):
    """Reads a bounded body; answers with a page, with JSON, or by hanging up."""

    protocol_version = "HTTP/1.0"

    def body(self) -> bytes:
        """What was sent, at most `LARGEST_BODY_BYTES` of it."""
        length = self.headers.get("Content-Length", "")
        return self.rfile.read(min(int(length) if length.isdecimal() else 0, LARGEST_BODY_BYTES))

    def send_text(self, status: int, text: str, kind: str) -> None:
        """A page or a file."""
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_json(self, answer: JsonAnswer) -> None:
        """The answer of a wire."""
        self.send_text(answer.status, json.dumps(answer.said), "application/json")

    def send_back_to_page(self) -> None:
        """After a button was pressed."""
        self.send_response(303)
        self.send_header("Location", "/")
        self.end_headers()

    def lose_answer(self) -> None:
        """The line is cut where the answer should come."""
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_anything: Any) -> None:
        """Say nothing: the page shows what happened."""


def serve(make: Callable[[], ThreadingHTTPServer]) -> int:
    """Serve until the demonstration ends it; returns the exit code."""
    try:
        server = make()
    except OSError as error:
        sys.stderr.write(_("Не получилось: %s.") % error + "\n")
        return EXIT_FAILED
    server.serve_forever()
    return 0
