"""Anything long under the owner's passphrase, for places where strangers may read it: in pieces, so of any size.

A line of JSON says how the key is made of the passphrase; then come pieces of 1 MiB, each sealed with AES-GCM. A piece
knows its number and whether it is the last: none can be left out, put elsewhere or taken from another file.
A log that grows has no last piece: each is as long as what was new, with its length before it.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lovhub.server.backups import sealing
from lovhub.server.backups.errors import BadArchive
from lovhub.server.backups.sealing import Key
from lovhub.server.errors import OperationRefused

PIECE = 1024 * 1024

_TAG = 16
_LENGTH = 4
_LONGEST_HEADER = 4096


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the key is made; `start`: what every piece's nonce begins with, new for each file."""

    salt: bytes
    n: int
    r: int
    p: int
    start: bytes
    sealed: int = 1


def _header(key: Key) -> tuple[Header, bytes]:
    header = Header(key.salt, key.n, key.r, key.p, os.urandom(7))
    return header, msgspec.json.encode(header) + b"\n"


# --- a file --------------------------------------------------------------------------------------


def pieces(key: Key, plain: Iterable[bytes], about: bytes = b"") -> Iterator[bytes]:
    """What `plain` holds, sealed. `about`: what stands beside it in the clear; it must be the same to open it."""
    header, line = _header(key)
    cipher = AESGCM(key.key)
    yield line
    for number, (piece, is_last) in enumerate(_of_one_size(plain)):
        yield cipher.encrypt(_nonce(header.start, number, is_last=is_last), piece, line + about)


def _of_one_size(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) > PIECE:
            yield bytes(held[:PIECE]), False
            del held[:PIECE]
    yield bytes(held), True


def opened(
    sealed: IO[bytes], *, passphrase: str, key: Key | None = None, about: bytes = b""
) -> Iterator[bytes]:
    """What was sealed, piece by piece. `key`: the club's own, which saves asking for the passphrase.

    Raises OperationRefused: `passphrase_needed`, `invalid_fields` (a wrong one); BadArchive, OSError.
    """
    header, line = _read_header(sealed)
    is_own = key is not None and key.of(header.salt) is not None
    cipher = AESGCM(_key_of(header, passphrase, key))
    number, piece, is_last = 0, sealed.read(PIECE + _TAG), False
    while not is_last:
        following = sealed.read(PIECE + _TAG)
        is_last = not following
        try:
            nonce = _nonce(header.start, number, is_last=is_last)
            yield cipher.decrypt(nonce, piece, line + about)
        except (InvalidTag, ValueError) as error:
            if number == 0 and not is_own:
                raise OperationRefused("invalid_fields", phrase="passphrase_wrong") from error
            raise BadArchive("a sealed piece differs from what was sealed") from error
        number, piece = number + 1, following


def seal(key: Key, source: Path, target: Path) -> str:
    """Write `source` sealed to `target`, for this user's eyes only; returns the sha256 of `target`. Raises OSError."""
    digest = hashlib.sha256()
    descriptor = os.open(
        target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600
    )
    with source.open("rb") as plain, os.fdopen(descriptor, "wb") as file:
        for piece in pieces(key, chunks_of(plain)):
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def unseal(source: Path, target: Path, *, passphrase: str, key: Key | None = None) -> None:
    """Write what `source` holds to `target`; raises as `opened` does."""
    with source.open("rb") as file, target.open("wb") as plain:
        target.chmod(0o600)
        for piece in opened(file, passphrase=passphrase, key=key):
            plain.write(piece)


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    """The rest of an open file."""
    while chunk := file.read(PIECE):
        yield chunk


def needs_passphrase(sealed: IO[bytes], key: Key | None) -> bool:
    """Whether the club's own keys do not open it. Raises BadArchive, OSError."""
    header, _line = _read_header(sealed)
    return key is None or key.of(header.salt) is None


# --- a log that grows ----------------------------------------------------------------------------


class GrowingLog:
    """A log sealed as it grows. Its first piece has the header before it."""

    def __init__(self, key: Key) -> None:
        self._header, self._line = _header(key)
        self._cipher = AESGCM(key.key)
        self._number = 0

    def piece(self, plain: bytes) -> bytes:
        """What is new, no longer than PIECE, ready to be appended."""
        nonce = _nonce(self._header.start, self._number, is_last=False)
        sealed = self._cipher.encrypt(nonce, plain, self._line)
        before = b"" if self._number else self._line
        self._number += 1
        return before + len(sealed).to_bytes(_LENGTH, "big") + sealed


def opened_log(sealed: IO[bytes], *, passphrase: str, key: Key | None = None) -> Iterator[bytes]:
    """What was said, up to the first piece that is torn or not of this log; raises as `opened` does."""
    try:
        header, line = _read_header(sealed)
    except BadArchive:
        return  # torn in its first line
    cipher = AESGCM(_key_of(header, passphrase, key))
    number = 0
    while True:
        length = int.from_bytes(sealed.read(_LENGTH), "big")
        if not _TAG < length <= PIECE + _TAG:
            return
        try:
            yield cipher.decrypt(
                _nonce(header.start, number, is_last=False), sealed.read(length), line
            )
        except (InvalidTag, ValueError):
            return
        number += 1


# --- both ----------------------------------------------------------------------------------------


def _read_header(sealed: IO[bytes]) -> tuple[Header, bytes]:
    line = sealed.readline(_LONGEST_HEADER)
    try:
        return msgspec.json.decode(line, type=Header), line
    except msgspec.DecodeError as error:
        raise BadArchive("not sealed by this program") from error


def _key_of(header: Header, passphrase: str, key: Key | None) -> bytes:
    own = key.of(header.salt) if key is not None else None
    if own is not None:
        return own
    if not passphrase:
        raise OperationRefused("passphrase_needed")
    try:
        return sealing.key_of(passphrase, header.salt, header.n)
    except ValueError as error:
        raise BadArchive("no such key can be made") from error


def _nonce(start: bytes, number: int, *, is_last: bool) -> bytes:
    return start + number.to_bytes(4, "big") + bytes([is_last])
