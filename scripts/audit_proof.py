"""A list of known holes on this machine alone, by which `audit.py` proves that it would find one.

It answers as the OSV database answers pip-audit and as a registry answers npm: one package of ours has a hole, or none.
"""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

IDENTIFIER = "PROOF-1"


class Advisories(ThreadingHTTPServer):
    """On loopback. `named`: the package that has a hole in every version; "": none has."""

    daemon_threads = True

    def __init__(self, named: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.named = named

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def advisories(named: str) -> Iterator[Advisories]:
    """Such a list while it is needed."""
    server = Advisories(named)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Advisories

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        asked = json.loads(body)
        self._answer(self._osv(asked) if "package" in asked else self._npm(asked))

    def do_GET(self) -> None:
        """Asked by npm: which versions there are that might mend it: none."""
        self._answer({"name": self.path.strip("/"), "versions": {}, "dist-tags": {}})

    def _osv(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["package"]["name"] != self.server.named:
            return {}
        ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999"}]}]
        affected = {"package": asked["package"], "ranges": ranges}
        return {"vulns": [{"id": IDENTIFIER, "details": "a proof", "affected": [affected]}]}

    def _npm(self, asked: dict[str, Any]) -> dict[str, Any]:
        if self.server.named not in asked:
            return {}
        hole = {
            "id": 1, "url": f"https://localhost/{IDENTIFIER}", "title": "a proof", "severity": "high",
            "vulnerable_versions": "*", "cwe": [], "cvss": {"score": 0, "vectorString": None},
        }  # fmt: skip
        return {self.server.named: [hole]}

    def _answer(self, said: object) -> None:
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the standard library's name)
        """Says nothing."""
