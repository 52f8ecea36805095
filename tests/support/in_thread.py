"""Small servers of our own that answer in a thread, on loopback, as long as a block of a test lasts."""

import socketserver
import ssl
import threading
from pathlib import Path
from typing import Any, Self


class InThread(socketserver.TCPServer):
    """To be mixed into a server that answers each in a thread of its own."""

    daemon_threads = True

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody did not like our certificate, and left."""

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_exit: object) -> None:
        self.shutdown()
        self.server_close()


def context_of(folder: Path) -> ssl.SSLContext:
    """TLS with the certificate that lies in this folder."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
