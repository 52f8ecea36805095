"""What a server says of the version that it carries for its PCs: which, how large, and by whose word.

The identity signs over the version and the package's SHA-256, so that a package, whatever way it came, is the club's or
none. A version is only ever followed by a newer one: an old statement, replayed, moves no PC.
"""

import re
from typing import Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lovhub.protocol.message import Message

_UPDATE_CONTEXT = b"lovhub update v1\n"

MOST_PACKAGE_BYTES = 96 * 1024 * 1024
"""A larger package is refused before a byte of it is asked for. Qt alone, which one may bring, takes half of it."""

PART_BYTES = 40 * 1024
"""Of a package, in one frame: as base64 it fits into the longest."""

PARTS_AT_ONCE = 800
"""A package of no more parts is fetched as fast as it comes. The server answers a thousand questions a minute."""

SECONDS_BETWEEN_PARTS = 0.075
"""Of a larger one, between one part and the question for the next."""

REPORT_SECONDS = 120
"""A new version must have reported to the server so soon after its start, or the old one comes back."""

SHA256_BYTES = 32

_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){1,3}", re.ASCII)


class UpdateRefused(Exception):
    """The offer or the package is not taken; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class UpdateStatement(msgspec.Struct, frozen=True):
    """«Version `version` for PCs is this»: the package's length in bytes and its SHA-256."""

    version: str
    size: int
    sha256: bytes


class SignedUpdate(msgspec.Struct, frozen=True):
    """A statement as JSON bytes, and the identity's signature over exactly those bytes."""

    payload: bytes
    signature: bytes


def version_key(version: str) -> tuple[int, ...]:
    """By which versions are ordered; raises UpdateRefused (`version`) for what is none."""
    if _VERSION.fullmatch(version) is None:
        raise UpdateRefused("version")
    numbers = [int(part) for part in version.split(".")]
    while numbers[-1:] == [0]:
        numbers.pop()  # 1.2 and 1.2.0 are one version
    return tuple(numbers)


def is_newer(version: str, than: str) -> bool:
    """Whether the first is the newer one; raises UpdateRefused if either is no version."""
    return version_key(version) > version_key(than)


def sign_update(identity: Ed25519PrivateKey, statement: UpdateStatement) -> SignedUpdate:
    """The server's side."""
    payload = msgspec.json.encode(statement)
    return SignedUpdate(payload=payload, signature=identity.sign(_UPDATE_CONTEXT + payload))


def open_update(signed: SignedUpdate, *, identity_key: bytes) -> UpdateStatement:
    """The PC's side: the statement inside, once it is known to be the club's; raises UpdateRefused.

    Codes: `signature`, `version`, `size`.
    """
    try:
        Ed25519PublicKey.from_public_bytes(identity_key).verify(
            signed.signature, _UPDATE_CONTEXT + signed.payload
        )
        statement = msgspec.json.decode(signed.payload, type=UpdateStatement)
    except (InvalidSignature, ValueError, RecursionError) as error:
        raise UpdateRefused("signature") from error
    version_key(statement.version)
    if not 0 < statement.size <= MOST_PACKAGE_BYTES or len(statement.sha256) != SHA256_BYTES:
        raise UpdateRefused("size")
    return statement


# --- frames of the channel -------------------------------------------------------------------------


class UpdateWanted(Message, frozen=True, tag="update_wanted"):
    """The next part of the package that was offered, from this byte on."""

    sha256: bytes
    offset: int


class UpdateNews(Message, frozen=True, tag="update_news"):
    """What became of an offered version; repeated after each `welcome`, so that it is not lost.

    `done`: it runs and has reported. `refused`: not taken, or not now (`why` is `busy`). `rolled_back`: the version
    before runs again. `why`: a code.
    """

    version: str
    state: Literal["done", "refused", "rolled_back"]
    why: str = ""


class UpdateOffer(Message, frozen=True, tag="update_offer"):
    """It is this PC's turn to take the version that the server carries; only to one that `takes_updates`.

    `again`: people want it tried once more where it has failed before.
    """

    update: SignedUpdate
    again: bool = False


class UpdatePart(Message, frozen=True, tag="update_part"):
    """Answer to `update_wanted`: the package's bytes from `offset` on."""

    offset: int
    data: bytes
