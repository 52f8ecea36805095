"""One clock, wall and monotonic, injected everywhere, so that tests can move time instead of waiting.

Billing time is the wall time at start plus the monotonic clock: a cashier who sets the computer's clock
changes nothing that is being billed (`server/jobs` raises the alarm).
"""

import contextlib
import time
from pathlib import Path
from typing import Protocol

TEST_FOLDER_MARK = ".lovhub-test-folder"
"""A data folder holding this file was made for tests; only there may a test clock be used."""


class Clock(Protocol):
    """What time it is."""

    def now(self) -> int:
        """Billing time: UTC epoch seconds, never going back, deaf to changes of the wall clock."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment, for measuring how long something took."""
        ...

    def wall(self) -> float:
        """The computer's own wall clock, UTC epoch seconds: for comparison only, never for billing."""
        ...


class SystemClock:
    """The real clock."""

    def __init__(self) -> None:
        self._wall_at_start = time.time()
        self._monotonic_at_start = time.monotonic()

    def now(self) -> int:
        return int(self._wall_at_start + time.monotonic() - self._monotonic_at_start)

    def monotonic(self) -> float:
        return time.monotonic()

    def wall(self) -> float:
        return time.time()


class FileClock:
    """The real clock, moved forward by the number of seconds written in a file.

    Several processes that read the same file move together; this is how the evening test lets an hour pass
    on server, agent and launcher at once. The file is read at each question: it is a test's clock.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._system = SystemClock()
        self._offset_seconds = 0.0

    def _offset(self) -> float:
        # Being rewritten at this moment? Then the last known offset is right a moment longer.
        with contextlib.suppress(OSError, ValueError):
            self._offset_seconds = float(self._path.read_text(encoding="ascii").strip() or 0)
        return self._offset_seconds

    def now(self) -> int:
        return int(self._system.now() + self._offset())

    def monotonic(self) -> float:
        return self._system.monotonic() + self._offset()

    def wall(self) -> float:
        return self._system.wall() + self._offset()


class ManualClock:
    """Stands still until a test moves it."""

    def __init__(self, now: int = 1_800_000_000) -> None:
        self._now = float(now)
        self._monotonic = 1_000.0
        self.wall_shift_seconds = 0.0

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds
        self._monotonic += seconds

    def now(self) -> int:
        return int(self._now)

    def monotonic(self) -> float:
        return self._monotonic

    def wall(self) -> float:
        return self._now + self.wall_shift_seconds


class ClockRefused(Exception):
    """A test clock was asked for outside a test folder."""


def choose_clock(test_clock: Path | None, data_folder: Path) -> Clock:
    """The system's clock, or the test clock in a folder made for tests; raises ClockRefused."""
    if test_clock is None:
        return SystemClock()
    if not (data_folder / TEST_FOLDER_MARK).exists():
        raise ClockRefused(str(data_folder))
    return FileClock(test_clock)
