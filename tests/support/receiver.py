"""A web address of our own that takes what is posted to it, in a thread; over TLS where it is given a certificate."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.in_thread import InThread, context_of


class _Handler(BaseHTTPRequestHandler):
    server: "Receiver"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Quiet."""


class Receiver(InThread, ThreadingHTTPServer):
    """Keeps every JSON that is posted, with its path, and answers with `status`."""

    def __init__(self, certificate_of: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.taken: list[tuple[str, dict[str, Any]]] = []
        self.status = 200
        if certificate_of is not None:
            self.socket = context_of(certificate_of).wrap_socket(self.socket, server_side=True)
