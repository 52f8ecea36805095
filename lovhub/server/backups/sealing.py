"""Backups under the owner's passphrase: scrypt makes a key of it, AES-GCM seals with that.

The server seals at night, when nobody is there to type: it keeps the derived key (never the passphrase) in
`backup.key`, beside the very database and keys that it seals. Whoever can read that folder needs no backup; whoever
finds a backup needs the passphrase.
"""

import os
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from lovhub.config_loader import write_private
from lovhub.server.errors import OperationRefused

FILE_NAME = "backup.key"
SHORTEST_PASSPHRASE = 12
LONGEST_PASSPHRASE = 200

_N, _R, _P = 2**15, 8, 1
"""32 MiB and about 0.1 s for each guess."""

_LARGEST_N = 2**18
_ABOUT = b"lovhub backup 1"


class Key(msgspec.Struct, frozen=True):
    """A key and what it takes to derive it again. `earlier`: those of passphrases before it, for backups under them."""

    salt: bytes
    n: int
    r: int
    p: int
    key: bytes
    earlier: tuple["Key", ...] = ()

    def of(self, salt: bytes) -> bytes | None:
        """The key that was made with this salt, if it is one of the club's."""
        return next((one.key for one in (self, *self.earlier) if one.salt == salt), None)

    def __repr__(self) -> str:
        """Without the key: a repr ends up in logs."""
        return "Key(…)"


class Sealed(msgspec.Struct, frozen=True):
    """Something sealed, with all that opening it takes besides the passphrase."""

    salt: bytes
    n: int
    r: int
    p: int
    nonce: bytes
    data: bytes


def derive(passphrase: str) -> Key:
    """A new key of a passphrase; raises OperationRefused for one that is too short or too long."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise OperationRefused("invalid_fields", phrase="passphrase_too_short")
    if len(passphrase) > LONGEST_PASSPHRASE:
        raise OperationRefused("invalid_fields", phrase="password_too_long")
    salt = os.urandom(16)
    return Key(salt, _N, _R, _P, _scrypt(passphrase, salt, _N, _R, _P))


def _scrypt(passphrase: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(passphrase.encode())


def key_of(passphrase: str, salt: bytes, n: int) -> bytes:
    """The key again, as a sealed file says it was made; ValueError for what cannot be."""
    # A file from elsewhere must not choose how long we work on it.
    return _scrypt(passphrase, salt, min(n, _LARGEST_N), _R, _P)


def read_key(folder: Path) -> Key | None:
    """The key that backups of the club in `folder` are sealed with; None without a passphrase."""
    try:
        return msgspec.json.decode((folder / FILE_NAME).read_bytes(), type=Key)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def write_key(folder: Path, key: Key) -> None:
    """Seal with this key from now on; what was sealed with those before it can still be opened."""
    before = read_key(folder)
    if before is not None:
        alone = msgspec.structs.replace(before, earlier=())
        key = msgspec.structs.replace(key, earlier=(alone, *before.earlier))
    write_private(folder / FILE_NAME, msgspec.json.encode(key))


def seal(key: Key, data: bytes) -> bytes:
    """`data`, readable only with the passphrase."""
    nonce = os.urandom(12)
    sealed = AESGCM(key.key).encrypt(nonce, data, _ABOUT)
    return msgspec.json.encode(Sealed(key.salt, key.n, key.r, key.p, nonce, sealed))


def unseal(data: bytes, passphrase: str) -> bytes:
    """What was sealed; raises OperationRefused("invalid_fields") for a wrong passphrase."""
    try:
        sealed = msgspec.json.decode(data, type=Sealed)
        key = key_of(passphrase, sealed.salt, sealed.n)
        return AESGCM(key).decrypt(sealed.nonce, sealed.data, _ABOUT)
    except (InvalidTag, ValueError) as error:
        raise OperationRefused("invalid_fields", phrase="passphrase_wrong") from error
