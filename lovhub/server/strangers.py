"""How many connections one address may have that have not yet said what they want."""

import ipaddress
from functools import lru_cache
from typing import Protocol

_FORWARDED = frozenset({"forwarded", "x-forwarded-for", "x-real-ip", "via"})
"""What a proxy on this computer adds: whoever stands behind it is not this computer."""


class Headers(Protocol):
    """A request's headers, which know their names in any case."""

    def __contains__(self, name: str, /) -> bool: ...

    def get(self, name: str, default: str, /) -> str: ...


def was_passed_on(headers: Headers) -> bool:
    """Whether a request with these headers has come through a proxy."""
    return any(name in headers for name in _FORWARDED)


@lru_cache(1024)
def is_own_machine(address: str) -> bool:
    """Whether the address is a loopback one: not a stranger's. A whole virtual club comes from there."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def is_one_too_many(
    address: str, *, from_there: int, in_all: int, most_from_there: int, most_in_all: int
) -> bool:
    """Whether one more is too many, beside those that wait already.

    Without the bound for each address one player on the Wi-Fi could keep the desk and the whole hall out.
    """
    return in_all >= most_in_all or (from_there >= most_from_there and not is_own_machine(address))
