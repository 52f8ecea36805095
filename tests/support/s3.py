"""An S3-compatible store of our own, over TLS, in a thread: it believes nobody whose signature it cannot make itself.

Its way of checking shares nothing with the server's way of signing; both are held against Amazon's published examples.
"""

import calendar
import hashlib
import hmac
import re
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote
from xml.sax.saxutils import escape

from tests.support.in_thread import InThread, context_of

ACCESS_KEY, SECRET_KEY = "AKCLUB0123456789", "s3cret/of+the=store"
BUCKET, REGION = "club-backups", "kz-ala-1"


def expected_signature(
    method: str, target: str, headers: dict[str, str], authorization: str, secret_key: str
) -> str:
    """What the signature of a request must be. `target`: path and query as they stand in the request."""
    found = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=[^/]+/(\d{8})/([^/]+)/s3/aws4_request,"
        r" ?SignedHeaders=([a-z0-9;-]+), ?Signature=[0-9a-f]{64}",
        authorization,
    )
    if found is None:
        return ""
    day, region, names = found.groups()
    path, _, query = target.partition("?")
    lines = [method, path, "&".join(sorted(query.split("&"))) if query else ""]
    lines += [f"{name}:{headers[name].strip()}" for name in names.split(";")]
    lines += ["", names, headers["x-amz-content-sha256"]]
    request = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    said = f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{day}/{region}/s3/aws4_request\n{request}"
    key = ("AWS4" + secret_key).encode()
    for word in (day, region, "s3", "aws4_request"):
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "S3Server"

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._may(hashlib.sha256(body).hexdigest()):
            self.server.objects[self._key()] = body
            self._answer(200)

    def do_GET(self) -> None:
        if not self._may():
            return
        path, _, query = self.path.partition("?")
        if path == f"/{BUCKET}":
            self._answer(200, self._listing(dict(parse_qsl(query, keep_blank_values=True))))
        elif self._key() in self.server.objects:
            self._answer(200, self.server.objects[self._key()])
        else:
            self._refuse(404, "NoSuchKey")

    def do_DELETE(self) -> None:
        if self._may():
            self.server.objects.pop(self._key(), None)
            self._answer(204)

    def _key(self) -> str:
        return unquote(self.path.partition("?")[0]).removeprefix(f"/{BUCKET}/")

    def _may(self, body_sha256: str = hashlib.sha256(b"").hexdigest()) -> bool:
        self.server.asked.append((self.command, self.path, dict(self.headers)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        said = headers.get("authorization", "")
        if self.server.broken_with:
            self._refuse(*self.server.broken_with)
        elif f"Credential={ACCESS_KEY}/" not in said:
            self._refuse(403, "InvalidAccessKeyId")
        elif f"/{REGION}/" not in said:
            self._refuse(400, "AuthorizationHeaderMalformed")
        elif abs(_at(headers["x-amz-date"]) - self.server.now()) > 900:
            self._refuse(403, "RequestTimeTooSkewed")
        elif not said.endswith(
            "Signature=" + (expected_signature(self.command, self.path, headers, said, SECRET_KEY) or "?")
        ):  # fmt: skip
            self._refuse(403, "SignatureDoesNotMatch")
        elif headers["x-amz-content-sha256"] != body_sha256:
            self._refuse(400, "XAmzContentSHA256Mismatch")
        elif not re.match(rf"/{BUCKET}(/|\?|$)", self.path):
            self._refuse(404, "NoSuchBucket")
        else:
            return True
        return False

    def _listing(self, query: dict[str, str]) -> bytes:
        keys = sorted(key for key in self.server.objects if key.startswith(query["prefix"]))
        after = query.get("continuation-token", "")
        rest = [key for key in keys if key > after]
        shown = rest[: self.server.page]
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.server.objects[key])}</Size></Contents>"
            for key in shown
        )
        more = (
            f"<NextContinuationToken>{escape(shown[-1])}</NextContinuationToken>"
            if len(rest) > len(shown)
            else ""
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{rows}{more}</ListBucketResult>'
        ).encode()

    def _refuse(self, status: int, code: str) -> None:
        self._answer(status, f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode())

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Location", "https://127.0.0.1:9/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Quiet."""


def _at(stamp: str) -> int:
    return calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))


class S3Server(InThread, ThreadingHTTPServer):
    """One bucket. `page`: how many keys a listing shows at once; `broken_with`: status and code for every request."""

    def __init__(self, certificate_of: Path, now: Any = time.time) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.page = 1000
        self.broken_with: tuple[int, str] | None = None
        self.now = now
        self.socket = context_of(certificate_of).wrap_socket(self.socket, server_side=True)

    @property
    def settings(self) -> dict[str, str]:
        """What `[S3]` says to reach it."""
        return {
            "Endpoint": f"https://localhost:{self.port}", "Bucket": BUCKET,
            "Folder": "lovhub/arena", "Region": REGION, "AccessKey": ACCESS_KEY,
            "SecretKey": SECRET_KEY, "CaFile": "store.pem",
        }  # fmt: skip
