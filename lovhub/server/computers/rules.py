"""How PCs stand in a row, what they are called in a list, and from where they come: pure decisions."""

import ipaddress
import re
from functools import lru_cache

SMALLEST_NUMBER = 1
LARGEST_NUMBER = 9999

_MAC = re.compile(r"(?i)^\W*(?P<mac>[0-9a-f]{2}(?:[:-]?[0-9a-f]{2}){5})(?![0-9a-f])(?P<rest>.*)$")
_OTHER_WAY_ROUND = re.compile(r"(?i)^(?P<rest>.*?)\W(?P<mac>[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5})\W*$")
_AROUND_NAMES = " \t;,\"'\ufeff"

NaturalKey = tuple[tuple[int, int, str], ...]


@lru_cache(4096)
def natural_key(name: str) -> NaturalKey:
    """«ПК-2» comes before «ПК-10»."""
    parts: list[tuple[int, int, str]] = []
    digits = ""
    for character in [*name.casefold(), ""]:
        if character.isdecimal():
            digits += character
            continue
        if digits:
            parts.append((0, int(digits), ""))
            digits = ""
        if character:
            parts.append((1, 0, character))
    return tuple(parts)


def standing(number: int | None, name: str) -> tuple[int, NaturalKey]:
    """The order of PCs in a zone: by number, those without one last, by name."""
    return (LARGEST_NUMBER + 1 if number is None else number, natural_key(name))


def is_another_network(before: str, now: str) -> bool:
    """Whether two addresses of a PC are of two networks (/24, on IPv6 /64): a router gives out those of one."""
    return _network(before) != _network(now)


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return str(ipaddress.ip_network((found, 64), strict=False))
        found = found.ipv4_mapped
    return str(ipaddress.ip_network((found, 24), strict=False))


def names_by_mac(text: str) -> tuple[dict[str, str], list[str]]:
    """A list of network cards and names, pasted or of a CSV: names by card, and the lines that say nothing.

    A line is a card and a name, in either order, with whatever stands between them in tables; a heading says nothing.
    """
    names: dict[str, str] = {}
    unclear: list[str] = []
    for line in text.splitlines():
        found = _MAC.match(line) or _OTHER_WAY_ROUND.match(line)
        name = found["rest"].strip(_AROUND_NAMES) if found else ""
        if found and name:
            names[_plain_mac(found["mac"])] = name
        elif line.strip(_AROUND_NAMES):
            unclear.append(line.strip())
    return names, unclear


def _plain_mac(text: str) -> str:
    digits = re.sub(r"[^0-9a-f]", "", text.lower())
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))
