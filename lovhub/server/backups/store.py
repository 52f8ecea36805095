"""An S3-compatible store: what `config.ini` says of it, and the four requests that backups need.

Own code and no library: `boto3` brings 17 MB, `minio` a second library of ciphers, and all that is used of either is a
signature and four requests. Always encrypted, the certificate always checked, nothing follows where an answer leads on.
"""

import http.client
import re
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from lovhub.server.backups import signature
from lovhub.server.backups.signature import Credentials

TIMEOUT_SECONDS = 30.0
LARGEST_BYTES = 5 * 1024**3
"""What a store takes in one piece."""

Told = Callable[[int, int | None], None]
"""Told how many bytes have come, and how many are to come if that is known."""

_CHUNK = 1024 * 1024
_LARGEST_ANSWER = 8 * 1024 * 1024
_MOST_PAGES = 20
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_FOLDER = re.compile(r"[\w.-]{1,60}(/[\w.-]{1,60}){0,4}", re.ASCII)
_CODE = re.compile(rb"<Code>([A-Za-z]{1,60})</Code>")

_CODES = {
    "InvalidAccessKeyId": "sign_in",
    "SignatureDoesNotMatch": "sign_in",
    "AccessDenied": "denied",
    "NoSuchBucket": "bucket_unknown",
    "NoSuchKey": "object_unknown",
    "RequestTimeTooSkewed": "clock",
    "AuthorizationHeaderMalformed": "region",
    "PermanentRedirect": "region",
    "TemporaryRedirect": "region",
    "QuotaExceeded": "full",
    "XMinioStorageFull": "full",
    "EntityTooLarge": "too_large",
    "SlowDown": "no_connection",
}
"""What a store says → what it means here."""


class StoreFailed(Exception):
    """The store did not do it, and why.

    `code`: no_connection, certificate, sign_in, denied, bucket_unknown, object_unknown, clock, region, full, too_large,
    refused; and without asking it: none (nobody has named one), settings_wrong, many_clubs, other_passphrase.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def refusal(self) -> str:
        """The code with which an operation is refused for it."""
        return f"store_{self.code}"


@dataclass(frozen=True)
class Store:
    """A folder in a bucket of a store. `now`: the clock that requests are signed by."""

    host: str
    port: int
    bucket: str
    folder: str
    credentials: Credentials
    context: ssl.SSLContext = field(repr=False)
    now: Callable[[], int] = field(repr=False)

    def put(self, name: str, path: Path, sha256: str) -> None:
        """Keep the file there; the store compares what came with `sha256`. Raises StoreFailed, OSError of the file."""
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise StoreFailed("too_large")
        with path.open("rb") as file:
            self._ask("PUT", name, body=file, size=size, sha256=sha256)

    def get(self, name: str, path: Path, told: Told = lambda _bytes, _expected: None) -> None:
        """Write it to `path`; raises StoreFailed, OSError of the file."""
        with path.open("wb") as file:
            path.chmod(0o600)
            self._ask("GET", name, into=file, told=told)

    def remove(self, name: str) -> None:
        """Not there any more; raises StoreFailed."""
        self._ask("DELETE", name)

    def all(self) -> dict[str, int]:
        """Everything in the folder: name → size in bytes; raises StoreFailed."""
        found: dict[str, int] = {}
        token = ""
        for _ in range(_MOST_PAGES):
            query = {"list-type": "2", "prefix": self._key("")}
            answer = self._ask(
                "GET", None, query={**query, "continuation-token": token} if token else query
            )
            page = _parsed(answer)
            for row in page.iterfind("{*}Contents"):
                key, size = row.findtext("{*}Key") or "", row.findtext("{*}Size") or ""
                if key.startswith(self._key("")) and size.isdecimal():
                    found[key.removeprefix(self._key(""))] = int(size)
            token = page.findtext("{*}NextContinuationToken") or ""
            if not token:
                break
        return found

    def _key(self, name: str) -> str:
        return f"{self.folder}/{name}" if self.folder else name

    def _ask(
        self,
        method: str,
        name: str | None,
        *,
        query: Mapping[str, str] | None = None,
        body: IO[bytes] | None = None,
        size: int = 0,
        sha256: str = signature.NOTHING_SHA256,
        into: IO[bytes] | None = None,
        told: Told = lambda _bytes, _expected: None,
    ) -> bytes:
        path = f"/{self.bucket}" if name is None else f"/{self.bucket}/{self._key(name)}"
        query = query or {}
        asked = {"host": self.host if self.port == 443 else f"{self.host}:{self.port}"}
        if body is not None:
            asked["content-length"] = str(size)
        headers = signature.signed(
            self.credentials, method, path, query, asked, body_sha256=sha256, at=self.now()
        )
        address = signature.encoded_path(path)
        if query:
            address += f"?{signature.encoded_query(query)}"
        connection = http.client.HTTPSConnection(
            self.host, self.port, timeout=TIMEOUT_SECONDS, context=self.context, blocksize=_CHUNK
        )
        try:
            return _answer(connection, method, address, headers, body, into, told)
        except ssl.SSLCertVerificationError:
            raise StoreFailed("certificate") from None
        except (TimeoutError, ConnectionError, ssl.SSLError, http.client.HTTPException):
            raise StoreFailed("no_connection") from None
        finally:
            connection.close()


def _answer(
    connection: http.client.HTTPSConnection,
    method: str,
    address: str,
    headers: dict[str, str],
    body: IO[bytes] | None,
    into: IO[bytes] | None,
    told: Told,
) -> bytes:
    try:
        connection.connect()
    except ssl.SSLCertVerificationError:
        raise
    except OSError:
        raise StoreFailed("no_connection") from None
    # If it refuses before it has heard all, what it says of that is worth more than that it hung up.
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.request(method, address, body, headers)
    answer = connection.getresponse()
    if not 200 <= answer.status < 300:
        raise StoreFailed(_why(answer.status, answer.read(4096)))
    if into is None:
        return answer.read(_LARGEST_ANSWER)
    expected, written = answer.length, 0
    while chunk := answer.read(_CHUNK):
        into.write(chunk)
        written += len(chunk)
        told(written, expected)
    if expected is not None and written != expected:
        raise StoreFailed("no_connection")
    return b""


def _why(status: int, said: bytes) -> str:
    found = _CODE.search(said)
    code = _CODES.get(found[1].decode()) if found is not None else None
    if code is not None:
        return code
    if status >= 500 or status in {408, 429}:
        return "no_connection"
    if 300 <= status < 400:
        return "region"
    return {401: "sign_in", 403: "denied", 404: "object_unknown"}.get(status, "refused")


def _parsed(answer: bytes) -> Element:
    try:
        return fromstring(answer)
    except (ParseError, DefusedXmlException):
        raise StoreFailed("refused") from None


@dataclass(frozen=True)
class Settings:
    """The store that `[S3]` names, if any; `wrong`: the option there that cannot be used."""

    store: Store | None = None
    wrong: str = ""

    @property
    def is_wanted(self) -> bool:
        """Whether somebody has asked for a store, rightly or not."""
        return self.store is not None or bool(self.wrong)


class _Wrong(Exception):
    """The option that cannot be used."""


def read(section: Mapping[str, str], folder: Path, now: Callable[[], int]) -> Settings:
    """What `[S3]` says. A mistake there never keeps the server from starting: the admin tells it."""
    if not any(section.values()):
        return Settings()
    try:
        return Settings(_store(section, folder, now))
    except _Wrong as option:
        return Settings(wrong=str(option))


def _store(section: Mapping[str, str], folder: Path, now: Callable[[], int]) -> Store:
    host, port = _address(section.get("endpoint", ""))
    bucket = section.get("bucket", "")
    if not _BUCKET.fullmatch(bucket):
        raise _Wrong("Bucket")
    inside = section.get("folder", "").strip("/")
    if inside and (not _FOLDER.fullmatch(inside) or ".." in inside.split("/")):
        raise _Wrong("Folder")
    region = section.get("region", "") or "us-east-1"
    if not re.fullmatch(r"[a-z0-9-]{1,40}", region):
        raise _Wrong("Region")
    for option, name in (("accesskey", "AccessKey"), ("secretkey", "SecretKey")):
        if not re.fullmatch(r"[!-~]{3,200}", section.get(option, "")):
            raise _Wrong(name)
    credentials = Credentials(section["accesskey"], section["secretkey"], region)
    authority = section.get("cafile", "")
    try:
        context = ssl.create_default_context(cafile=folder / authority if authority else None)
    except (OSError, ssl.SSLError):
        raise _Wrong("CaFile") from None
    return Store(host, port, bucket, inside, credentials, context, now)


def _address(address: str) -> tuple[str, int]:
    try:
        parts = urlsplit(address)
        port = parts.port or 443
    except ValueError:
        raise _Wrong("Endpoint") from None
    is_plain = address.isascii() and address.isprintable() and " " not in address
    is_bare = not (parts.query or parts.username or parts.path.strip("/"))
    if parts.scheme != "https" or not parts.hostname or not is_bare or not is_plain:
        raise _Wrong("Endpoint")
    return parts.hostname, port
