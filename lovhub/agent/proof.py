"""By what a PC knows the player of its sitting again without a server: a slow, salted hash of how they signed in.

Login and password go into it together, so that the disk tells neither, and another customer's password is not enough.
"""

import hashlib
import hmac
import re
import secrets

import msgspec

_COST, _BLOCK, _PARALLEL = 2**15, 8, 3
"""As slow as scrypt with 128 MiB is advised to be, with the 32 MiB that a player's PC can spare for a moment."""

_MOST_MEMORY_BYTES = 64 * 1024 * 1024


class Proof(msgspec.Struct, frozen=True):
    """What was typed at the sign-in, as a hash. It says nothing of whose sitting it is."""

    salt: bytes
    digest: bytes

    def __repr__(self) -> str:
        """Without the hash: a repr ends up in logs."""
        return "Proof()"

    def is_of(self, login: str, password: str) -> bool:
        """Whether the same was typed. Blocks for about a fifth of a second."""
        return hmac.compare_digest(_digest(login, password, self.salt), self.digest)


class KeptProof(msgspec.Struct, frozen=True):
    """A proof that lies on the disk while the sitting `session_id` lasts."""

    session_id: int
    proof: Proof


def make_proof(login: str, password: str) -> Proof:
    """Blocks for about a fifth of a second."""
    salt = secrets.token_bytes(16)
    return Proof(salt, _digest(login, password, salt))


def _digest(login: str, password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        f"{_plain(login)}\0{password}".encode(),
        salt=salt,
        n=_COST,
        r=_BLOCK,
        p=_PARALLEL,
        maxmem=_MOST_MEMORY_BYTES,
    )


def _plain(login: str) -> str:
    """However a login or a phone is spelled; an eight before ten digits is +7."""
    text = login.strip().casefold()
    if not re.fullmatch(r"\+?[\d\s()\-]+", text):
        return text
    digits = re.sub(r"\D", "", text)
    return re.sub(r"^8(?=\d{10}$)", "7", digits)
