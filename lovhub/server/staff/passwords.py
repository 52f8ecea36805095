"""Passwords of staff and customers: argon2id, in two threads of their own.

A hash costs 50 to 170 ms and 64 MiB. The bound keeps a rush of sign-ins from taking all cores and memory:
it waits in line here, while pages and PCs are served.
"""

from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHES_AT_ONCE = 2
_hasher = PasswordHasher()
_pool = ThreadPoolExecutor(max_workers=_HASHES_AT_ONCE, thread_name_prefix="password")

DECOY_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$Qh6rinxY5zcKgF6hpsLf6A"
    "$uWZZCgvWbxt1UGtlln5KatmkKQv2L5qbTp9nHxu+piE"
)
"""Hash of a random password nobody knows: verified when there is no such login, so that the answer takes
the same time and does not tell whether the login exists."""


def hash_password(password: str) -> str:
    """What to store instead of `password`."""
    return _pool.submit(_hasher.hash, password).result()


def verify_password(password_hash: str, password: str) -> bool:
    """Whether `password` is the one that was hashed."""
    return _pool.submit(_verify, password_hash, password).result()


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(password_hash)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
