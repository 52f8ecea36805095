"""A whole file under the owner's passphrase, for places where strangers may read it: piece by piece, so of any size.

A line of JSON says how the key is made of the passphrase; then come pieces of 1 MiB, each sealed with AES-GCM. A piece
knows its number and whether it is the last: none can be left out, put elsewhere or taken from another file.
"""

import hashlib
import os
from pathlib import Path
from typing import IO

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lovhub.server.backups import sealing
from lovhub.server.backups.archive import BadArchive
from lovhub.server.backups.sealing import Key
from lovhub.server.errors import OperationRefused

_PIECE = 1024 * 1024
_TAG = 16
_LONGEST_HEADER = 4096


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the key is made; `start`: what every piece's nonce begins with, new for each file."""

    salt: bytes
    n: int
    r: int
    p: int
    start: bytes
    sealed: int = 1


def seal(key: Key, source: Path, target: Path) -> str:
    """Write `source` sealed to `target`, for this user's eyes only; returns the sha256 of `target`. Raises OSError."""
    start = os.urandom(7)
    header = msgspec.json.encode(Header(key.salt, key.n, key.r, key.p, start)) + b"\n"
    cipher, digest = AESGCM(key.key), hashlib.sha256(header)
    descriptor = os.open(
        target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600
    )
    with source.open("rb") as plain, os.fdopen(descriptor, "wb") as file:
        file.write(header)
        number, piece = 0, plain.read(_PIECE)
        is_last = False
        while not is_last:
            following = plain.read(_PIECE)
            is_last = not following
            sealed = cipher.encrypt(_nonce(start, number, is_last=is_last), piece, header)
            digest.update(sealed)
            file.write(sealed)
            number, piece = number + 1, following
    return digest.hexdigest()


def unseal(source: Path, target: Path, *, passphrase: str, key: Key | None = None) -> None:
    """Write what `source` holds to `target`. `key`: the club's own, which saves asking for the passphrase.

    Raises OperationRefused: `passphrase_needed`, `invalid_fields` (a wrong one); BadArchive, OSError.
    """
    with source.open("rb") as file:
        line = file.readline(_LONGEST_HEADER)
        try:
            header = msgspec.json.decode(line, type=Header)
        except msgspec.DecodeError as error:
            raise BadArchive("not sealed by this program") from error
        with target.open("wb") as plain:
            target.chmod(0o600)
            is_own = key is not None and key.salt == header.salt
            cipher = AESGCM(_key_of(header, passphrase, key))
            _unseal_pieces(file, plain, cipher, header, line, is_own=is_own)


def _key_of(header: Header, passphrase: str, key: Key | None) -> bytes:
    if key is not None and key.salt == header.salt:
        return key.key
    if not passphrase:
        raise OperationRefused("passphrase_needed")
    try:
        return sealing.key_of(passphrase, header.salt, header.n)
    except ValueError as error:
        raise BadArchive("no such key can be made") from error


def _unseal_pieces(
    file: IO[bytes], plain: IO[bytes], cipher: AESGCM, header: Header, line: bytes, *, is_own: bool
) -> None:
    number, sealed, is_last = 0, file.read(_PIECE + _TAG), False
    while not is_last:
        following = file.read(_PIECE + _TAG)
        is_last = not following
        try:
            nonce = _nonce(header.start, number, is_last=is_last)
            plain.write(cipher.decrypt(nonce, sealed, line))
        except (InvalidTag, ValueError) as error:
            if number == 0 and not is_own:
                raise OperationRefused("invalid_fields", phrase="passphrase_wrong") from error
            raise BadArchive("a sealed piece differs from what was sealed") from error
        number, sealed = number + 1, following


def _nonce(start: bytes, number: int, *, is_last: bool) -> bytes:
    return start + number.to_bytes(4, "big") + bytes([is_last])
