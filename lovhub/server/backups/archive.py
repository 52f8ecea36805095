"""The file of a backup: a zip with a manifest, the database, and, if there is a passphrase, the club's keys.

Under a passphrase the database is sealed as well as the keys; the manifest is read by everybody: the club's name, when
it was made, how large it is. Backups of before have a database in the clear, and stay what they are.

Plain copies of a database (before a migration, or an SQLite file somebody brings) are backups, too, without
manifest and keys.
"""

import contextlib
import hashlib
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from lovhub.server.backups import sealed_file
from lovhub.server.backups.errors import BadArchive
from lovhub.server.backups.sealing import Key

DATABASE = "database"
SEALED_DATABASE = "database.sealed"
MANIFEST = "manifest.json"
KEYS = "keys.sealed"

_LARGEST_MANIFEST = 64 * 1024
_LARGEST_KEYS = 1024 * 1024
_LEVEL = 3
_CHUNK = 1024 * 1024
_SEALED_FORMAT = 2
_LATEST = 2**33
"""Far beyond this program's life, and well within what a calendar can show."""

Dialect = Literal["sqlite", "postgresql"]


class Manifest(msgspec.Struct, frozen=True):
    """What is in a backup. `revision`: the database's version; `made_at`: UTC epoch seconds."""

    kind: str
    made_at: int
    club_name: str
    revision: str
    program: str
    dialect: Dialect
    database_bytes: int
    database_sha256: str
    format: int = 1
    """2: the database is sealed."""

    @property
    def is_sealed(self) -> bool:
        """Whether the database is under the owner's passphrase."""
        return self.format == _SEALED_FORMAT


def pack(
    target: Path,
    database: Path,
    manifest: Manifest,
    sealed_keys: bytes | None,
    key: Key | None = None,
) -> None:
    """Write the backup, whole or not at all, for this user's eyes only. `key`: seals the database."""
    if key is not None:
        manifest = msgspec.structs.replace(manifest, format=_SEALED_FORMAT)
    about = msgspec.json.encode(manifest)
    part = target.with_name(f".{target.name}.part")
    try:
        descriptor = os.open(
            part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600
        )
        with os.fdopen(descriptor, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
                archive.writestr(MANIFEST, about)
                if key is None:
                    archive.write(database, DATABASE)
                else:
                    _write_sealed(archive, database, key, about)
                if sealed_keys is not None:
                    archive.writestr(KEYS, sealed_keys)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _write_sealed(archive: zipfile.ZipFile, database: Path, key: Key, about: bytes) -> None:
    compressed = zlib.compressobj(level=_LEVEL)
    # What is sealed looks like noise: it is made smaller before, and not after.
    member = zipfile.ZipInfo(SEALED_DATABASE)
    with database.open("rb") as plain, archive.open(member, "w", force_zip64=True) as target:

        def smaller() -> Iterator[bytes]:
            for chunk in sealed_file.chunks_of(plain):
                yield compressed.compress(chunk)
            yield compressed.flush()

        for piece in sealed_file.pieces(key, smaller(), about):
            target.write(piece)


def sha256_of(path: Path) -> str:
    """The file's fingerprint."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(path: Path) -> Manifest | None:
    """What the backup says of itself; None for a plain copy. Raises BadArchive, OSError."""
    if plain_dialect(path) is not None:
        return None
    with _opened(path) as archive:
        return _manifest_in(archive)[0]


def _manifest_in(archive: zipfile.ZipFile) -> tuple[Manifest, bytes]:
    about = _read(archive, MANIFEST, _LARGEST_MANIFEST)
    found = msgspec.json.decode(about, type=Manifest)
    if found.format not in {1, _SEALED_FORMAT} or not 0 <= found.made_at < _LATEST:
        raise BadArchive("a manifest that this program does not know")
    return found, about


def sealed_keys(path: Path) -> bytes | None:
    """The sealed keys; None if the backup has none. Raises BadArchive, OSError."""
    if plain_dialect(path) is not None:
        return None
    with _opened(path) as archive:
        if KEYS not in archive.namelist():
            return None
        return _read(archive, KEYS, _LARGEST_KEYS)


def dialect_of(path: Path) -> Dialect:
    """Which kind of database the backup holds. Raises BadArchive, OSError."""
    plain = plain_dialect(path)
    if plain is not None:
        return plain
    manifest = read_manifest(path)
    if manifest is None:
        raise BadArchive("no manifest")
    return manifest.dialect


def plain_dialect(path: Path) -> Dialect | None:
    """The kind of database that a plain copy is of; None for what is no plain copy."""
    with path.open("rb") as file:
        start = file.read(16)
    if start.startswith(b"SQLite format 3\0"):
        return "sqlite"
    return "postgresql" if start.startswith(b"PGDMP") else None


def database_bytes(path: Path) -> int:
    """How large the backup's database is once it is unpacked. Raises BadArchive, OSError."""
    manifest = read_manifest(path)
    return path.stat().st_size if manifest is None else manifest.database_bytes


def needs_passphrase(path: Path, key: Key | None) -> bool:
    """Whether its database is sealed, and not by one of the club's own keys. Raises BadArchive, OSError."""
    manifest = read_manifest(path)
    if manifest is None or not manifest.is_sealed:
        return False
    with _opened(path) as archive, archive.open(SEALED_DATABASE) as sealed:
        return sealed_file.needs_passphrase(sealed, key)


def try_passphrase(path: Path, *, passphrase: str, key: Key | None) -> None:
    """See that its database can be opened so, by its beginning. Raises as `extract_database` does."""
    manifest = read_manifest(path)
    if manifest is None or not manifest.is_sealed:
        return
    with _opened(path) as archive:
        next(_database_in(archive, passphrase, key))


def extract_database(
    path: Path, target: Path, *, passphrase: str = "", key: Key | None = None
) -> None:
    """Write the backup's database to `target`, compared with its fingerprint. `key`: the club's own.

    Raises OperationRefused: `passphrase_needed`, `invalid_fields` (a wrong one); BadArchive, OSError.
    """
    if plain_dialect(path) is not None:
        shutil.copyfile(path, target)
        return
    digest = hashlib.sha256()
    with _opened(path) as archive, target.open("wb") as file:
        manifest, _about = _manifest_in(archive)
        left = manifest.database_bytes
        for chunk in _database_in(archive, passphrase, key):
            left -= len(chunk)
            if left < 0:
                break  # a small file may unpack to any size: no more than it promised is written
            digest.update(chunk)
            file.write(chunk)
    if left != 0 or digest.hexdigest() != manifest.database_sha256:
        raise BadArchive("the database differs from its fingerprint")


def _database_in(archive: zipfile.ZipFile, passphrase: str, key: Key | None) -> Iterator[bytes]:
    manifest, about = _manifest_in(archive)
    if not manifest.is_sealed:
        with archive.open(DATABASE) as source:
            yield from sealed_file.chunks_of(source)
        return
    larger = zlib.decompressobj()
    with archive.open(SEALED_DATABASE) as sealed:
        for piece in sealed_file.opened(sealed, passphrase=passphrase, key=key, about=about):
            rest = piece
            while rest:
                yield larger.decompress(rest, _CHUNK)
                rest = larger.unconsumed_tail
    yield larger.flush()


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    with archive.open(name) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise BadArchive(f"{name} is too large")
    return data


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (
        zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, msgspec.DecodeError,
        KeyError, EOFError, RuntimeError, NotImplementedError,
    ) as error:  # fmt: skip
        raise BadArchive(str(error)[:200]) from error
