"""What the kernel tells of its neighbours, read from bytes as it sends them, and asked for on this machine."""

import socket
import struct

import pytest

from lovhub.server.platform import Neighbour, linux, neighbours


def message(
    state: int, *, address: str = "192.168.1.17", card: bytes = b"\x02\0\x5e\x10\0\x01"
) -> bytes:
    """A neighbour as `struct ndmsg` and its attributes, of which the last is one that nobody asked for."""
    attributes = [(1, socket.inet_aton(address)), (2, card), (3, bytes(16))]
    body = struct.pack("=BBHiHBB", socket.AF_INET, 0, 0, 2, state, 0, 1)
    for kind, value in attributes:
        if value:
            length = 4 + len(value)
            body += struct.pack("=HH", length, kind) + value + bytes(-length % 4)
    return body


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (0x02, Neighbour("192.168.1.17", "02:00:5e:10:00:01", "answers")),
        (0x04, Neighbour("192.168.1.17", "02:00:5e:10:00:01", "doubtful")),
        (0x08, Neighbour("192.168.1.17", "02:00:5e:10:00:01", "doubtful")),
        (0x10, Neighbour("192.168.1.17", "02:00:5e:10:00:01", "doubtful")),
        (0x20, Neighbour("192.168.1.17", "", "silent")),
        (0x01, Neighbour("192.168.1.17", "", "silent")),
        (0x40, None),
        (0x80, None),
    ],
    ids=[
        "reachable",
        "stale",
        "delay",
        "probe",
        "failed",
        "incomplete",
        "without ARP",
        "permanent",
    ],
)
def test_what_each_state_means(state: int, expected: Neighbour | None) -> None:
    assert linux._read(message(state)) == expected


def test_one_that_failed_has_no_card() -> None:
    assert linux._read(message(0x20, card=b"")) == Neighbour("192.168.1.17", "", "silent")


def test_a_card_of_another_kind_is_none() -> None:
    assert linux._read(message(0x02, card=bytes(20))) is None


def test_several_messages_come_together() -> None:
    parts = [message(0x02), message(0x20)]
    whole = b"".join(struct.pack("=IHHII", 16 + len(one), 28, 2, 1, 7) + one for one in parts)
    assert list(linux._messages(whole + struct.pack("=IHHII", 20, 3, 2, 1, 7) + bytes(4))) == [
        (28, parts[0]),
        (28, parts[1]),
        (3, bytes(4)),
    ]


def test_this_machine_tells_its_neighbours() -> None:
    for one in neighbours():
        socket.inet_aton(one.address)
        assert (one.mac == "") is (one.answer == "silent")
