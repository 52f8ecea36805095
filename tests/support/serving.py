"""`lovhub serve` as a process of its own, for tests of the server from outside."""

import http.client
import os
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from websockets.sync.client import ClientConnection, connect

from lovhub.protocol import CHANNEL_PATH
from tests.evening.processes import ROOT, Program, free_port, lovhub, wait_for
from tests.support import warm
from tests.support.programs import dies_with_the_tests

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


RUN_SECONDS = 60


class _WarmProgram(Program):
    def _start(self, words: list[str], environment: dict[str, str]) -> warm.WarmProcess:
        return warm.start(words, environment, ROOT)


class Serving:
    """A server that has said that it starts. A cold start is one that imports the program anew."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        port: int = 0,
        command: Sequence[str] = ("serve",),
        is_cold: bool = False,
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        words = [
            *(*command, "--data", str(folder), "--host", "127.0.0.1"),
            *("--port", str(self.port), *options),
        ]
        self.program = (
            Program("server", lovhub(*words), dict(os.environ))
            if is_cold
            else _WarmProgram("server", words, dict(os.environ))
        )
        self.program.said(r"Запуск сервера в режиме HTTPS\.\.\.")
        wait_for("the page answers", lambda: self.get("/admin/login").status)

    @property
    def log(self) -> str:
        """What stands in the log."""
        return (self.folder / "logs" / "server.log").read_text(encoding="utf-8")

    def tls(self) -> ssl.SSLContext:
        """Trusts exactly this server's certificate."""
        return ssl.create_default_context(cadata=(self.folder / "cert.pem").read_text())

    def connect(self, context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
        """A TLS connection."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        return (context or self.tls()).wrap_socket(plain, server_hostname="localhost")

    def channel(self, **headers: str) -> ClientConnection:
        """A PC's link, before its first word; end it as a context. Underscores of headers' names stand for hyphens.

        By TLS 1.2: this client reads and writes in two threads, which Python 3.11 lets into OpenSSL at once; where one
        of them reads the tickets that TLS 1.3 sends after its handshake, what the other writes may be lost.
        """
        context = self.tls()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        return connect(
            f"wss://127.0.0.1:{self.port}{CHANNEL_PATH}",
            ssl=context,
            server_hostname="localhost",
            additional_headers={name.replace("_", "-"): said for name, said in headers.items()},
        )

    def get(self, path: str) -> http.client.HTTPResponse:
        """A page, read whole."""
        connection = http.client.HTTPSConnection(
            "localhost", self.port, context=self.tls(), timeout=30
        )
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            return response
        finally:
            connection.close()

    def setup_token(self) -> str:
        """The one in the link on the console."""
        return self.program.said(r"/setup\?token=(\S+)")[1]

    def end(self) -> int:
        """Ask it to stop; returns the exit code."""
        self.program.stop()
        return self.program.process.wait()


def run_lovhub(
    *words: str, before: Sequence[str] = (), cwd: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    """A command that ends by itself. `before`: words in front of it, such as those that take rights away."""
    if not before:
        return warm.run([*words], ENVIRONMENT, cwd or ROOT, RUN_SECONDS)
    return subprocess.run(
        [*dies_with_the_tests(), *before, *lovhub(*words)],
        cwd=cwd or ROOT,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=RUN_SECONDS,
        check=False,
    )


def refused(done: "subprocess.CompletedProcess[str]") -> str:
    """The one Russian sentence with which a command was refused; fails if it was anything else."""
    assert done.returncode > 0, done
    assert done.stdout == "", done
    assert done.stderr.count("\n") == 1, done.stderr
    assert re.match(r"[А-Я].*\.$", done.stderr.strip()), done.stderr
    return done.stderr.strip()


def without_rights() -> list[str]:
    """Words before a command, so that file permissions count for it even when the tests run as root."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return []
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
