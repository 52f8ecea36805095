"""Signatures of those who call with one. Compared as bytes, in constant time; a missing one is a wrong one."""

import base64
import hashlib
import hmac

_PREFIX = b"sha256="


def create_kaspi_signature(body: bytes, secret: bytes) -> str:
    """What a payment gateway puts beside a webhook: HMAC-SHA256 over the body, byte for byte as it came.

    Kaspi itself signs nothing (docs/kaspi.md); this is the form of the gateways that take Kaspi for a club.
    """
    return _PREFIX.decode() + hmac.new(secret, body, hashlib.sha256).hexdigest()


def is_kaspi_signature(header: str, body: bytes, secret: bytes) -> bool:
    """Whether the header signs this body; no secret signs nothing."""
    wanted = create_kaspi_signature(body, secret).encode()
    return bool(secret) and hmac.compare_digest(header.strip().encode("utf-8", "replace"), wanted)


def content_hmac(body: bytes, secret: bytes) -> str:
    """The form of TipTop Pay: the same in base64, without a word before it."""
    return base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode()


def is_content_hmac(header: str, body: bytes, secret: bytes) -> bool:
    """Whether the header signs this body in that form."""
    wanted = content_hmac(body, secret).encode()
    return bool(secret) and hmac.compare_digest(header.strip().encode("utf-8", "replace"), wanted)
