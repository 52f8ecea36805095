"""Asking Linux to keep what the server has in memory in large pages.

A request comes when the processor has long done something else, and goes through some ten thousand small pages of the
program's memory, each of which the processor has to look up again. In pages of 2 MiB it looks up a few dozen.
"""

import array
import contextlib
import ctypes
import mmap
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

AFTER_SECONDS = 5.0
"""Whoever waits for the server to start does not wait for this, which takes a fifth of a second."""

HUGE_BYTES = 2 * 1024 * 1024
_PAGES = HUGE_BYTES // mmap.PAGESIZE
_COLLAPSE = 25
"""MADV_COLLAPSE of Linux 6.1 and newer; older ones say that they know no such advice."""

_PAGEMAP = Path("/proc/self/pagemap")
"""Eight bytes for each page: the highest bit says that it is there."""

MOSTLY_USED = _PAGES // 2
"""Where fewer are used, as in a thread's stack, the large page would mostly hold nothing."""


@contextlib.contextmanager
def soon() -> Iterator[None]:
    """Do it once, beside what is done here, when the server has started."""
    timer = threading.Timer(AFTER_SECONDS, gather)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def gather() -> int:
    """Put memory that is mostly used into large pages; returns how many: none where the system has no such thing."""
    gathered = 0
    if sys.platform == "linux":
        advise = ctypes.CDLL(None).madvise
        # Some systems let nobody look there; then everything stays as it is.
        with contextlib.suppress(OSError), _PAGEMAP.open("rb", buffering=0) as pagemap:
            for at in _places():
                pagemap.seek(at // mmap.PAGESIZE * 8)
                used = sum(entry >> 63 for entry in array.array("Q", pagemap.read(_PAGES * 8)))
                if used >= MOSTLY_USED:
                    place, length = ctypes.c_void_p(at), ctypes.c_size_t(HUGE_BYTES)
                    gathered += advise(place, length, _COLLAPSE) == 0
    return gathered


def _places() -> Iterator[int]:
    """Where a large page could lie: whole ones within what is the program's own and no file's."""
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        where, rights, _offset, _device, inode, *name = line.split()
        if rights != "rw-p" or inode != "0" or name not in ([], ["[heap]"]):
            continue
        first, end = (int(part, 16) for part in where.split("-"))
        first_whole = -(-first // HUGE_BYTES) * HUGE_BYTES
        yield from range(first_whole, end - HUGE_BYTES + 1, HUGE_BYTES)
