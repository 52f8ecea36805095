"""Leave for a technician to work at a PC without a customer, signed and with an end.

No money and no bought time are in it. It says until when, and nothing lengthens it: another is another.
"""

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lovhub.protocol.lease import LeaseRefused, SignedLease

_CONTEXT = b"lovhub maintenance v1\n"


class MaintenanceLease(msgspec.Struct, frozen=True):
    """PC `computer_id` may be open until `not_after`, the server's time in UTC epoch seconds.

    The PC measures it from the server's time told in `welcome` plus its own monotonic clock, never by its wall clock.
    """

    maintenance_id: int
    computer_id: int
    issued_at: int
    not_after: int


def sign_maintenance(identity: Ed25519PrivateKey, lease: MaintenanceLease) -> SignedLease:
    """The server's side."""
    payload = msgspec.json.encode(lease)
    return SignedLease(payload=payload, signature=identity.sign(_CONTEXT + payload))


def open_maintenance(
    signed: SignedLease, *, identity_key: bytes, computer_id: int
) -> MaintenanceLease:
    """The PC's side: what was signed, once signature and addressee are checked; raises LeaseRefused."""
    try:
        Ed25519PublicKey.from_public_bytes(identity_key).verify(
            signed.signature, _CONTEXT + signed.payload
        )
        lease = msgspec.json.decode(signed.payload, type=MaintenanceLease)
    except (InvalidSignature, ValueError, RecursionError) as error:
        raise LeaseRefused("the signature is not the club's") from error
    if lease.computer_id != computer_id:
        raise LeaseRefused(f"made out to PC {lease.computer_id}")
    return lease
