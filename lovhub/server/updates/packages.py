"""Which package the server carries for its PCs: its own modules, or what lies in its `updates` folder.

That is a newer one, or one of the same version that brings libraries along.
"""

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lovhub import __version__
from lovhub.package import make_package, version_of
from lovhub.protocol.updates import (
    MOST_PACKAGE_BYTES,
    SignedUpdate,
    UpdateRefused,
    UpdateStatement,
    is_newer,
    sign_update,
)

log = structlog.get_logger("updates")

FOLDER = "updates"
_PREFIX, _SUFFIX = "lovhub-pc-", ".zip"


@dataclass(frozen=True)
class Offered:
    """A package, and the identity's word for it."""

    version: str
    package: bytes
    sha256: bytes
    signed: SignedUpdate


class Carried:
    """What the server in this data folder carries. From any thread."""

    def __init__(self, data: Path, identity: Ed25519PrivateKey, own: str = __version__) -> None:
        self._folder = data / FOLDER
        self._identity = identity
        self._own = own
        self._lock = threading.Lock()
        self._offered: Offered | None = None
        self._offered_from: Path | None = None
        self._unusable: set[tuple[Path, int]] = set()

    @property
    def version(self) -> str:
        """The newest; costs a look into a folder that is nearly always empty, or not there."""
        found = self._newest()
        return self._own if found is None else found[0]

    def offered(self) -> Offered:
        """The newest, signed; made when it is first needed, and kept as long as it is the newest."""
        with self._lock:
            while (found := self._newest()) is not None:
                version, path = found
                if self._offered is not None and self._offered_from == path:
                    return self._offered
                package = _read(path)
                if version_of(package) == version:
                    return self._sign(version, package, path)
                # Half copied, or something else: looked at again once it has changed.
                log.warning("package_unusable", file=path.name)
                self._unusable.add((path, _changed(path)))
            if self._offered is not None and self._offered_from is None:
                return self._offered
            return self._sign(self._own, make_package(version=self._own), None)

    def _sign(self, version: str, package: bytes, path: Path | None) -> Offered:
        sha256 = hashlib.sha256(package).digest()
        statement = UpdateStatement(version=version, size=len(package), sha256=sha256)
        signed = sign_update(self._identity, statement)
        self._offered_from = path
        self._offered = Offered(version, package, sha256, signed)
        return self._offered

    def _newest(self) -> tuple[str, Path] | None:
        """The newest of the folder, if it is no older than the server itself."""
        best: tuple[str, Path] | None = None
        try:
            paths = list(self._folder.glob(f"{_PREFIX}*{_SUFFIX}"))
        except OSError:
            return None
        for path in paths:
            version = path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
            try:
                is_better = is_newer(version, best[0]) if best else not is_newer(self._own, version)
            except UpdateRefused:
                continue
            if is_better and (path, _changed(path)) not in self._unusable:
                best = version, path
        return best


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.stat().st_size <= MOST_PACKAGE_BYTES else b""
    except OSError:
        return b""


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
