"""A mail server and a Telegram of our own, over TLS, each in a thread: what arrives is kept."""

import base64
import json
import socketserver
import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.in_thread import InThread, context_of

USERNAME, PASSWORD = "club@mail.kz", "s3cret-of-the-club"
TOKEN = "123456:AAbbccddeeff00112233"


class _Smtp(socketserver.StreamRequestHandler):
    """As much of SMTP as sending a letter needs."""

    server: "MailServer"
    timeout = 30

    def setup(self) -> None:
        if not self.server.starttls:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        self.say("220 mail")
        signed_in = False
        while line := self.rfile.readline():
            word = line.decode().strip()
            command = word.upper()
            if command.startswith("EHLO"):
                encrypted = isinstance(self.request, ssl.SSLSocket)
                self.say("250-mail", "250 AUTH PLAIN" if encrypted else "250 STARTTLS")
            elif command == "STARTTLS":
                self.say("220 go")
                super().finish()
                self.request = self.server.context.wrap_socket(self.request, server_side=True)
                super().setup()
            elif command.startswith("AUTH PLAIN"):
                said = base64.b64decode(word.split()[2]).decode().split("\0")
                signed_in = said[1:] == [USERNAME, PASSWORD]
                self.say("235 in" if signed_in else "535 no")
            elif command.startswith("RCPT") and "nobody" in word:
                self.say("550 unknown")
            elif command == "DATA":
                self.say("354 go")
                self.server.letters.append(self.letter() if signed_in else b"")
                self.say("250 taken")
            elif command == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def letter(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class MailServer(InThread, socketserver.ThreadingTCPServer):
    """A mail server with the certificate of a folder."""

    def __init__(self, folder: Path, *, starttls: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.starttls = starttls
        self.letters: list[bytes] = []
        self.context = context_of(folder)


class _Bot(BaseHTTPRequestHandler):
    server: "TelegramServer"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        known = self.path == f"/bot{TOKEN}/sendMessage"
        if known:
            self.server.messages.append(json.loads(body))
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_GET(self) -> None:
        self.server.signs.append(self.path)
        self.send_response(self.server.sign_status)
        self.send_header("Location", self.path + "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Quiet."""


class TelegramServer(InThread, ThreadingHTTPServer):
    """A Telegram with one bot; it also keeps signs of life, and answers them with `sign_status`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Bot)
        self.messages: list[dict[str, Any]] = []
        self.signs: list[str] = []
        self.sign_status = 200
        self.socket = context_of(folder).wrap_socket(self.socket, server_side=True)
