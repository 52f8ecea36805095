"""The table of neighbours of a Windows server, as far as Wine has it, and its rows as Windows lays them out."""

import ctypes
import ipaddress

import pytest

from lovhub.server.platform import Neighbour, neighbours, windows
from lovhub.waking import is_mac


def row(state: int, *, card_bytes: int = 6) -> windows._Row:
    """192.168.1.17, as Windows tells of it."""
    found = windows._Row(state=state, card_bytes=card_bytes)
    found.address[:8] = bytes((2, 0, 0, 0, 192, 168, 1, 17))
    found.card[:6] = bytes.fromhex("02005e100001")
    return found


def test_a_row_has_the_size_that_windows_gives_it() -> None:
    assert ctypes.sizeof(windows._Row) == 88
    assert windows._Table.rows.offset == 8
    assert (windows._Row.card.offset, windows._Row.state.offset) == (40, 76)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (0, Neighbour("192.168.1.17", "", "silent")),
        (1, Neighbour("192.168.1.17", "", "silent")),
        (2, Neighbour("192.168.1.17", "02:00:5e:10:00:01", "doubtful")),
        (4, Neighbour("192.168.1.17", "02:00:5e:10:00:01", "doubtful")),
        (5, Neighbour("192.168.1.17", "02:00:5e:10:00:01", "answers")),
        (6, None),
    ],
    ids=["unreachable", "incomplete", "probe", "stale", "reachable", "permanent"],
)
def test_what_each_state_means(state: int, expected: Neighbour | None) -> None:
    assert windows._read(row(state)) == expected


def test_a_card_of_another_kind_is_none() -> None:
    assert windows._read(row(5, card_bytes=8)) is None


def test_windows_tells_its_neighbours() -> None:
    for one in neighbours():
        assert ipaddress.IPv4Address(one.address)
        assert (one.mac == "") if one.answer == "silent" else is_mac(one.mac)
