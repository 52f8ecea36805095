"""Memory that the program uses goes into large pages, and is what it was."""

import ctypes
import mmap
import sys
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from lovhub.server import huge_pages
from lovhub.server.huge_pages import HUGE_BYTES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux has large pages")


class Region:
    """Memory of our own, of four large pages' length."""

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, 4 * HUGE_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.first = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        """Where it begins."""

    def holds(self, at: int) -> bool:
        return self.first <= at < self.first + 4 * HUGE_BYTES


@pytest.fixture
def region() -> Region:
    return Region()


def advised(region: Region, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of what memory in the region the system is asked to make large pages."""
    asked: list[int] = []

    def advise(place: Any, length: Any, advice: int) -> int:
        assert (length.value, advice) == (HUGE_BYTES, 25)
        asked.append(place.value)
        return 0

    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace(madvise=advise))
    assert huge_pages.gather() == len(asked)
    return [at for at in asked if region.holds(at)]


def test_what_is_used_is_gathered_and_what_is_not_stays(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert advised(region, monkeypatch) == [], "nothing of it is used"
    whole = -(-region.first // HUGE_BYTES) * HUGE_BYTES
    used = whole - region.first
    region.memory[used : used + HUGE_BYTES] = b"x" * HUGE_BYTES
    assert advised(region, monkeypatch) == [whole]


def test_nothing_that_was_there_changes(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = bytes(range(256)) * (4 * HUGE_BYTES // 256)
    region.memory[:] = kept
    before = huge_pages._places

    def places() -> Iterator[int]:
        return filter(region.holds, before())

    monkeypatch.setattr(huge_pages, "_places", places)
    huge_pages.gather()
    assert region.memory[:] == kept


def test_it_is_done_once_the_server_has_started(monkeypatch: pytest.MonkeyPatch) -> None:
    gathered = threading.Event()
    monkeypatch.setattr(huge_pages, "AFTER_SECONDS", 0.0)
    monkeypatch.setattr(huge_pages, "gather", gathered.set)
    with huge_pages.soon():
        assert gathered.wait(30)


def test_whoever_stops_before_does_not_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huge_pages, "AFTER_SECONDS", 3600.0)
    before = set(threading.enumerate())
    with huge_pages.soon():
        (waiting,) = set(threading.enumerate()) - before
    waiting.join(30)
    assert not waiting.is_alive()
