"""How a server is found in the club's network without an address: words that both sides say by mDNS (DNS-SD).

Anybody in the network hears an announcement, and anybody can make one. So it holds nothing secret and proves nothing:
it says where to ask. Whoever is found must show the identity that the PC has pinned; before that, people compare codes.
"""

SERVICE_TYPE = "_lovhub._tcp.local."

CLUB = "club"
"""The property that names the club, for people to choose by."""

LONGEST_CLUB_BYTES = 200
"""Of its name in UTF-8: a property has 255 bytes, with its own name."""


def club_property(name: str) -> bytes:
    """The club's name as it is announced: cut where it is too long, never inside a letter."""
    return name.encode()[:LONGEST_CLUB_BYTES].decode(errors="ignore").encode()


def club_name(value: bytes | None) -> str:
    """What a property says, made fit to be shown: a stranger may have written it."""
    text = (value or b"")[:LONGEST_CLUB_BYTES].decode(errors="ignore")
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
