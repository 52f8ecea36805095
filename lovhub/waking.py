"""Wake-on-LAN: the packet that switches on a PC which waits for it. The server sends it, and so do PCs for it."""

import re
import socket
from collections.abc import Iterable

PORT = 9
EVERYBODY = "255.255.255.255"

_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
_NOBODY = frozenset({"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"})


def is_mac(text: str) -> bool:
    """Whether it is the address of one network card, as PCs tell it: `02:00:5e:10:00:01`."""
    return _MAC.fullmatch(text) is not None and text not in _NOBODY


def magic_packet(mac: str) -> bytes:
    """Six times 0xFF, then the card's address sixteen times. ValueError for what is no address."""
    if not is_mac(mac):
        raise ValueError("not the address of a network card")
    return b"\xff" * 6 + bytes.fromhex(mac.replace(":", "")) * 16


def neighbourhood(address: str) -> str:
    """Where everybody near this IPv4 address hears; a club's networks have 254 places. "" if it is none."""
    parts = address.split(".")
    if len(parts) != 4 or not all(part.isdecimal() and int(part) < 256 for part in parts):
        return ""
    return ".".join([*parts[:3], "255"])


def broadcast(macs: Iterable[str], near: Iterable[str] = ()) -> None:
    """Tell the network to wake these cards; `near`: addresses in whose neighbourhoods to say it, too.

    A network that cannot be reached is passed over; OSError if none can.
    """
    packets = [magic_packet(mac) for mac in macs]
    targets = [EVERYBODY, *sorted({place for address in near if (place := neighbourhood(address))})]
    sent, failure = 0, OSError("nothing to send")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        for target in targets:
            for packet in packets:
                try:
                    line.sendto(packet, (target, PORT))
                    sent += 1
                except OSError as error:
                    failure = error
    if packets and not sent:
        raise failure
