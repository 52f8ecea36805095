"""The lease: how many seconds a PC may let a session run without asking again.

`seconds` counts from the session's start and only grows, so an old lease, replayed, allows nothing new; the
PC reports the seconds played in the same count, so a report repeated settles nothing twice.
"""

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_LEASE_CONTEXT = b"lovhub lease v1\n"


class Lease(msgspec.Struct, frozen=True):
    """Session `session_id` may run on PC `computer_id` until it has played `seconds` seconds in all.

    `serial` grows with each lease of the session (the newest counts). `not_after` is the server's time, in
    UTC epoch seconds, after which the lease allows nothing; the PC measures it from the server's time told
    in `welcome` plus its own monotonic clock, never by its wall clock.
    """

    session_id: int
    computer_id: int
    serial: int
    seconds: int
    issued_at: int
    not_after: int


class SignedLease(msgspec.Struct, frozen=True):
    """A lease as JSON bytes, and the identity's signature over exactly those bytes."""

    payload: bytes
    signature: bytes


class LeaseRefused(Exception):
    """The lease is not for this PC, or not signed by the club this PC is paired with."""


def sign_lease(identity: Ed25519PrivateKey, lease: Lease) -> SignedLease:
    """The server's side."""
    payload = msgspec.json.encode(lease)
    return SignedLease(payload=payload, signature=identity.sign(_LEASE_CONTEXT + payload))


def open_lease(signed: SignedLease, *, identity_key: bytes, computer_id: int) -> Lease:
    """The PC's side: the lease inside, once signature and addressee are checked; raises LeaseRefused."""
    try:
        Ed25519PublicKey.from_public_bytes(identity_key).verify(
            signed.signature, _LEASE_CONTEXT + signed.payload
        )
        lease = msgspec.json.decode(signed.payload, type=Lease)
    except (InvalidSignature, ValueError, RecursionError) as error:
        raise LeaseRefused("the signature is not the club's") from error
    if lease.computer_id != computer_id:
        raise LeaseRefused(f"made out to PC {lease.computer_id}")
    if lease.seconds < 0:
        raise LeaseRefused("a negative number of seconds")
    return lease
