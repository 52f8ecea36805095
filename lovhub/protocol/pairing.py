"""Pairing: commit, then reveal, then compare six digits.

1. The server has stated its identity and certificate (`identity`).
2. PC → server: a hash of its public key and nonce (`pair_commit`).
3. server → PC: its nonce (`pair_challenge`).
4. PC → server: key and nonce (`pair_reveal`); the server checks them against the hash.
5. Both show the same code, made of everything above; a person at the desk compares and approves.

Neither side can choose its last word after seeing the other's, so somebody in between cannot search for
values that make both codes equal: he has one guess in a million for each approval.
"""

import base64
import hashlib
import hmac
import re

CODE_DIGITS = 6
NONCE_BYTES = 32


def commitment(public_key: bytes, nonce: bytes) -> bytes:
    """What the PC sends first: it binds the PC to key and nonce without showing them."""
    return hashlib.sha256(b"lovhub pair commit v1\n" + public_key + nonce).digest()


def commitment_holds(commit: bytes, public_key: bytes, nonce: bytes) -> bool:
    """Whether the revealed key and nonce are those committed to."""
    return len(nonce) == NONCE_BYTES and hmac.compare_digest(commit, commitment(public_key, nonce))


def pairing_code(
    *,
    identity_key: bytes,
    certificate_sha256: bytes,
    public_key: bytes,
    pc_nonce: bytes,
    server_nonce: bytes,
) -> str:
    """Six digits, such as `"041 733"`, equal on both sides only if nobody stands in between."""
    digest = hashlib.sha256(
        b"lovhub pair code v1\n"
        + identity_key
        + certificate_sha256
        + public_key
        + pc_nonce
        + server_nonce
    ).digest()
    digits = f"{int.from_bytes(digest, 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"
    return f"{digits[:3]} {digits[3:]}"


_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}\.[A-Za-z0-9_-]{22}")


def bulk_token(secret: str, identity_key: bytes) -> str:
    """A token for many PCs: a secret, and by which club it may be told.

    The PC checks the club before it says a word of it, so that somebody in between neither hears the token nor is
    taken for the club; a PC without one trusts whoever answers first, and a person compares the codes.
    """
    return f"{secret}.{_name_of(identity_key)}"


def is_bulk_token(text: str) -> bool:
    """Whether it looks like one."""
    return _TOKEN.fullmatch(text) is not None


def is_token_of(token: str, identity_key: bytes) -> bool:
    """Whether this club may be told the token."""
    return hmac.compare_digest(token.rpartition(".")[2].encode(), _name_of(identity_key).encode())


def _name_of(identity_key: bytes) -> str:
    digest = hashlib.sha256(b"lovhub bulk token v1\n" + identity_key).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")
