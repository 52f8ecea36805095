"""The file of a backup: a zip with a manifest, the database, and the club's keys if a passphrase seals them.

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
from typing import IO, Literal

import msgspec

DATABASE = "database"
MANIFEST = "manifest.json"
KEYS = "keys.sealed"

_LARGEST_MANIFEST = 64 * 1024
_LARGEST_KEYS = 1024 * 1024
_CHUNK = 1024 * 1024
_LATEST = 2**33
"""Far beyond this program's life, and well within what a calendar can show."""

Dialect = Literal["sqlite", "postgresql"]


class BadArchive(Exception):
    """The file is no backup, or it is damaged. `reason` is for the technician."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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


def pack(target: Path, database: Path, manifest: Manifest, sealed_keys: bytes | None) -> None:
    """Write the backup, whole or not at all, for this user's eyes only."""
    part = target.with_name(f".{target.name}.part")
    try:
        descriptor = os.open(
            part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600
        )
        with os.fdopen(descriptor, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
                archive.writestr(MANIFEST, msgspec.json.encode(manifest))
                archive.write(database, DATABASE)
                if sealed_keys is not None:
                    archive.writestr(KEYS, sealed_keys)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """The file's fingerprint."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(path: Path) -> Manifest | None:
    """What the backup says of itself; None for a plain copy. Raises BadArchive, OSError."""
    if plain_dialect(path) is not None:
        return None
    with _opened(path) as archive:
        found = msgspec.json.decode(_read(archive, MANIFEST, _LARGEST_MANIFEST), type=Manifest)
    if found.format != 1 or not 0 <= found.made_at < _LATEST:
        raise BadArchive("a manifest that this program does not know")
    return found


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


def extract_database(path: Path, target: Path) -> None:
    """Write the backup's database to `target`, compared with its fingerprint. Raises BadArchive, OSError."""
    if plain_dialect(path) is not None:
        shutil.copyfile(path, target)
        return
    manifest = read_manifest(path)
    if manifest is None:
        raise BadArchive("no manifest")
    digest = hashlib.sha256()
    with _opened(path) as archive, archive.open(DATABASE) as source, target.open("wb") as file:
        left = manifest.database_bytes
        while chunk := _next(source):
            left -= len(chunk)
            if left < 0:
                break  # a small file may unpack to any size: no more than it promised is written
            digest.update(chunk)
            file.write(chunk)
    if left != 0 or digest.hexdigest() != manifest.database_sha256:
        raise BadArchive("the database differs from its fingerprint")


def _next(source: IO[bytes]) -> bytes:
    return source.read(_CHUNK)


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
