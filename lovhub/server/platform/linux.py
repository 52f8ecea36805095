"""Linux: the kernel's table of neighbours, asked over netlink. Needs no rights and no other program.

`/proc/net/arp` would not do: it calls an entry complete for as long as it is kept, also of a PC that has gone.
"""

import socket
import struct
import sys
from collections.abc import Iterator

from lovhub.server.platform.common import Answer, Neighbour

assert sys.platform != "win32"  # noqa: S101 - tells the type checker which half to read

_DONE, _FAILED = 3, 2
_NEW_NEIGHBOUR, _GET_NEIGHBOURS = 28, 30
_REQUEST_ALL = 0x301
_MESSAGE = struct.Struct("=IHHII")  # length, kind, flags, number, sender
_NEIGHBOUR = struct.Struct("=BBHiHBB")  # family, two of padding, interface, state, flags, kind
_ATTRIBUTE = struct.Struct("=HH")  # length, kind
_ADDRESS, _CARD = 1, 2
_MAC_BYTES = 6

_STATES: dict[int, Answer] = {
    0x01: "silent",  # incomplete: asked, and not answered yet
    0x02: "answers",  # reachable: confirmed within `base_reachable_time`, 30 s half as much again at most
    0x04: "doubtful",  # stale
    0x08: "doubtful",  # delay
    0x10: "doubtful",  # probe
    0x20: "silent",  # failed
}
"""What the kernel calls an entry. Those that it never checks (permanent, without ARP) say nothing of a PC."""

_PATIENCE_SECONDS = 2.0
_MOST_BYTES = 1 << 16


def neighbours() -> list[Neighbour]:
    """Every IPv4 neighbour that the kernel remembers. Raises OSError where it does not tell."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 0) as kernel:
        kernel.settimeout(_PATIENCE_SECONDS)
        body = _NEIGHBOUR.pack(socket.AF_INET, 0, 0, 0, 0, 0, 0)
        kernel.send(
            _MESSAGE.pack(_MESSAGE.size + len(body), _GET_NEIGHBOURS, _REQUEST_ALL, 1, 0) + body
        )
        found: list[Neighbour] = []
        while True:
            part = kernel.recv(_MOST_BYTES)
            for kind, message in _messages(part):
                if kind == _DONE:
                    return found
                if kind == _FAILED:
                    raise OSError("the kernel does not tell its neighbours")
                if kind == _NEW_NEIGHBOUR and (neighbour := _read(message)) is not None:
                    found.append(neighbour)


def _messages(part: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + _MESSAGE.size <= len(part):
        length, kind, _flags, _number, _sender = _MESSAGE.unpack_from(part, at)
        if length < _MESSAGE.size:
            return
        yield kind, part[at + _MESSAGE.size : at + length]
        at += _aligned(length)


def _read(message: bytes) -> Neighbour | None:
    family, _one, _two, _interface, state, _flags, _kind = _NEIGHBOUR.unpack_from(message)
    answer = _STATES.get(state)
    attributes = dict(_attributes(message[_NEIGHBOUR.size :]))
    address, card = attributes.get(_ADDRESS, b""), attributes.get(_CARD, b"")
    if family != socket.AF_INET or answer is None or len(address) != 4:
        return None
    if answer == "silent":
        return Neighbour(socket.inet_ntoa(address), "", answer)
    return (
        Neighbour(socket.inet_ntoa(address), card.hex(":"), answer)
        if len(card) == _MAC_BYTES
        else None
    )


def _attributes(rest: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + _ATTRIBUTE.size <= len(rest):
        length, kind = _ATTRIBUTE.unpack_from(rest, at)
        if length < _ATTRIBUTE.size:
            return
        yield kind, rest[at + _ATTRIBUTE.size : at + length]
        at += _aligned(length)


def _aligned(length: int) -> int:
    return (length + 3) & ~3
