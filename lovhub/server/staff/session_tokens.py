"""Tokens of staff sessions: whose each is stands in it, and the server's key vouches for the row with its hash.

With a plain hash, whoever can write into the database, and has nothing else, would sign in as the owner by a row of
their own making, past password and second factor, and without a line in the log. The key does not lie in the database.
"""

import hmac
import re
import secrets
from functools import lru_cache

from lovhub.server.context import ClubContext

_TOKEN = re.compile(r"(\d{1,18})\.[A-Za-z0-9_-]{43}", re.ASCII)


def issue(staff_id: int) -> str:
    """A new one for this person; 32 random bytes behind the person's number."""
    return f"{staff_id}.{secrets.token_urlsafe(32)}"


def holder(token: str) -> int | None:
    """The number of the person for whom it was issued, if it was; None for what is no token."""
    found = _TOKEN.fullmatch(token)
    return int(found[1]) if found is not None else None


def kept(club: ClubContext, token: str) -> bytes:
    """What the database keeps of it, 32 bytes: of no use without the token, and not to be made without the key."""
    return hmac.digest(_key(club.secret_key), f"{club.club_id} {token}".encode(), "sha256")


@lru_cache(8)
def _key(secret_key: bytes) -> bytes:
    """What vouches, of the server's key: each request has its token looked up."""
    return hmac.digest(secret_key, b"lovhub staff session", "sha256")
