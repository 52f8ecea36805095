"""The second factor by itself: secrets, codes of the telephone's program, codes for a lost telephone.

A secret is kept sealed with a key made from the club's own, and recovery codes as keyed hashes: the database
alone, in a stolen backup, gives nobody a second factor.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Literal

import pyotp
import segno
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

STEP_SECONDS = 30
DRIFT_STEPS = 1
"""A telephone's clock may be so many steps off, either way."""

RECOVERY_CODES = 10
_RECOVERY_LENGTH = 10
_RECOVERY_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without characters that are taken for one another on paper: no I and 1, no O and 0."""

_NONCE_BYTES = 12

Purpose = Literal["offer", "kept"]
"""A secret that is offered to be confirmed, or one that is in use: neither passes for the other."""


def new_secret() -> str:
    """A secret for a telephone, in the alphabet in which people may also type it."""
    return pyotp.random_base32()


def address(secret: str, *, login: str, club_name: str) -> str:
    """What the QR code says to the telephone's program."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=club_name)


def picture(said: str) -> str:
    """The QR code as an SVG picture inside an address. White behind: it must be read in a dark theme, too."""
    return segno.make(said, error="m").svg_data_uri(scale=5, border=4, light="#fff")


def matching_step(secret: str, code: str, *, now: int, after_step: int) -> int | None:
    """The time step whose code this is, later than the last one used; None if it is none."""
    if len(code) != pyotp.TOTP(secret).digits or not code.isascii() or not code.isdigit():
        return None
    current = now // STEP_SECONDS
    found = None
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        right = hmac.compare_digest(code_at(secret, step), code)
        if right and step > after_step and found is None:
            found = step
    return found


def code_at(secret: str, step: int) -> str:
    """The code that the telephone shows during the time step."""
    return str(pyotp.TOTP(secret).generate_otp(step))


@dataclass(frozen=True)
class Vault:
    """Seals secrets and hashes recovery codes with keys made from the club's own."""

    secret_key: bytes

    def seal(self, secret: str, staff_id: int, purpose: Purpose) -> bytes:
        """The secret, unreadable without the club's key, and of no use to another person."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher().encrypt(nonce, secret.encode(), _label(staff_id, purpose))

    def open(self, sealed: bytes, staff_id: int, purpose: Purpose) -> str | None:
        """The secret; None if it was not sealed here, for this person and purpose."""
        nonce, hidden = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher().decrypt(nonce, hidden, _label(staff_id, purpose)).decode()
        except (InvalidTag, ValueError):
            return None

    def recovery_hash(self, staff_id: int, code: str) -> bytes:
        """What is kept of a recovery code."""
        said = f"{staff_id}:{_plain(code)}".encode()
        return hmac.digest(self._key(b"lovhub recovery codes"), said, hashlib.sha256)

    def _cipher(self) -> AESGCM:
        return AESGCM(self._key(b"lovhub second factor"))

    def _key(self, use: bytes) -> bytes:
        return hmac.digest(self.secret_key, use, hashlib.sha256)


def _label(staff_id: int, purpose: Purpose) -> bytes:
    return f"{purpose}:{staff_id}".encode()


def new_recovery_codes() -> list[str]:
    """Codes for the day the telephone is lost, such as `K7QPM-3XWTA`."""
    half = _RECOVERY_LENGTH // 2
    codes = []
    for _ in range(RECOVERY_CODES):
        code = "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(_RECOVERY_LENGTH))
        codes.append(f"{code[:half]}-{code[half:]}")
    return codes


def is_recovery_code(code: str) -> bool:
    """Whether it has the shape of one, as people type it."""
    return len(_plain(code)) == _RECOVERY_LENGTH


def _plain(code: str) -> str:
    return "".join(code.upper().replace("-", " ").split())
