"""How many connections one address may have that have not yet said what they want."""

import ipaddress
from collections.abc import Collection

_FORWARDED = frozenset({"forwarded", "x-forwarded-for", "x-real-ip", "via"})
"""What a proxy on this computer adds: whoever stands behind it is not this computer."""


def was_passed_on(headers: Collection[str]) -> bool:
    """Whether a request with headers of these names has come through a proxy."""
    return any(name.lower() in _FORWARDED for name in headers)


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
