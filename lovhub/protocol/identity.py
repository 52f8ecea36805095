"""The club's identity: one Ed25519 key that lives as long as the club.

TLS certificates come and go (the old guide renews `cert.pem` every year); PCs pin the identity instead. On
every connection the server speaks first and states, signed by the identity, which certificate is its own.
The PC compares that with the certificate it really sees, so a stranger in between, who must show a
certificate of his own, has nothing to show for it.
"""

import hashlib

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_STATEMENT_CONTEXT = b"lovhub certificate v1\n"


class IdentityStatement(msgspec.Struct, frozen=True):
    """«The certificate is mine»: the identity's public key, the certificate's SHA-256 and the signature."""

    identity_key: bytes
    certificate_sha256: bytes
    signature: bytes


def certificate_fingerprint(certificate_der: bytes) -> bytes:
    """SHA-256 over the certificate's DER form."""
    return hashlib.sha256(certificate_der).digest()


def make_statement(identity: Ed25519PrivateKey, certificate_der: bytes) -> IdentityStatement:
    """The server's side: vouch for the certificate it serves."""
    fingerprint = certificate_fingerprint(certificate_der)
    return IdentityStatement(
        identity_key=identity.public_key().public_bytes_raw(),
        certificate_sha256=fingerprint,
        signature=identity.sign(_STATEMENT_CONTEXT + fingerprint),
    )


def statement_holds(statement: IdentityStatement, certificate_der: bytes) -> bool:
    """The PC's side: whether the statement is signed by its key and speaks of the certificate seen.

    Whether that key is the one this PC has pinned is for the caller to compare.
    """
    if statement.certificate_sha256 != certificate_fingerprint(certificate_der):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(statement.identity_key).verify(
            statement.signature, _STATEMENT_CONTEXT + statement.certificate_sha256
        )
    except (InvalidSignature, ValueError):
        return False
    return True
