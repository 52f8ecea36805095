"""Windows: its table of neighbours, by `GetIpNetTable2`. Needs no rights."""

import ctypes
import socket
import sys
from ctypes import wintypes

from lovhub.server.platform.common import Answer, Neighbour

assert sys.platform == "win32"  # noqa: S101 - tells the type checker which half to read

_FAMILY_ADDRESS_BYTES = 28
_MAC_BYTES = 6
_NOT_FOUND = 1168

_STATES: dict[int, Answer] = {
    0: "silent",  # unreachable
    1: "silent",  # incomplete: asked, and not answered yet
    2: "doubtful",  # probe
    3: "doubtful",  # delay
    4: "doubtful",  # stale
    5: "answers",  # reachable: confirmed within three quarters of a minute
}
"""What Windows calls an entry. Permanent ones, which it never checks, say nothing of a PC."""


class _Row(ctypes.Structure):
    """MIB_IPNET_ROW2."""

    _fields_ = (
        ("address", ctypes.c_ubyte * _FAMILY_ADDRESS_BYTES),
        ("interface_index", wintypes.ULONG),
        ("interface", ctypes.c_uint64),
        ("card", ctypes.c_ubyte * 32),
        ("card_bytes", wintypes.ULONG),
        ("state", ctypes.c_int),
        ("flags", wintypes.ULONG),
        ("reachability", wintypes.ULONG),
    )


class _Table(ctypes.Structure):
    """MIB_IPNET_TABLE2 as far as its first row."""

    _fields_ = (("count", wintypes.ULONG), ("rows", _Row * 1))


def neighbours() -> list[Neighbour]:
    """Every IPv4 neighbour that Windows remembers. Raises OSError where it does not tell."""
    helper = ctypes.windll.iphlpapi
    table = ctypes.POINTER(_Table)()
    problem = helper.GetIpNetTable2(wintypes.USHORT(socket.AF_INET), ctypes.byref(table))
    if problem == _NOT_FOUND:
        return []
    if problem:
        raise OSError(f"Windows does not tell its neighbours: {problem}")
    try:
        first = ctypes.addressof(table.contents) + _Table.rows.offset
        rows = (_Row * table.contents.count).from_address(first)
        return [found for row in rows if (found := _read(row)) is not None]
    finally:
        helper.FreeMibTable(table)


def _read(row: _Row) -> Neighbour | None:
    answer = _STATES.get(row.state)
    raw = bytes(row.address)
    if answer is None or int.from_bytes(raw[:2], "little") != socket.AF_INET:
        return None
    address = socket.inet_ntoa(raw[4:8])
    if answer == "silent":
        return Neighbour(address, "", answer)
    if row.card_bytes != _MAC_BYTES:
        return None
    return Neighbour(address, bytes(row.card[:_MAC_BYTES]).hex(":"), answer)
