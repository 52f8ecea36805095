"""Counting failed attempts, so that nobody guesses passwords and codes by trying them all.

It sits in the service and not in front of one HTTP route: pages, API and the PCs' channel all go through it.
"""

import ipaddress
import threading
from collections import deque
from functools import lru_cache

from lovhub.clock import Clock
from lovhub.server.errors import OperationRefused

_KEYS_KEPT = 10_000
"""More keys than this are not remembered: the oldest go first, so that memory stays bounded."""


# Reading an address takes longer than the question whether somebody is known there.
@lru_cache(maxsize=1000)
def place_of(address: str) -> str:
    """What an address counts as where guesses are counted: on IPv6 its /64, of which one machine has all addresses."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


class Throttle:
    """At most `attempts` failures per key within `per_seconds`; kept in memory, callable from any thread."""

    def __init__(self, clock: Clock, attempts: int, per_seconds: int) -> None:
        self._clock = clock
        self._attempts = attempts
        self._per_seconds = per_seconds
        self._failures: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def check(self, key: str) -> None:
        """Raise OperationRefused("too_many_attempts", seconds=…) while `key` has failed too often."""
        with self._lock:
            self._check(self._recent(key))

    def failed(self, key: str) -> None:
        """Count a failure."""
        with self._lock:
            self._count(key, self._recent(key))

    def take(self, key: str) -> None:
        """Check and count in one step: of guesses at one moment none slips through. See `Attempt`."""
        with self._lock:
            recent = self._recent(key)
            self._check(recent)
            self._count(key, recent)

    def give_back(self, key: str) -> None:
        """What was taken last was no failure."""
        with self._lock:
            recent = self._failures.get(key)
            if recent:
                recent.pop()
                if not recent:
                    del self._failures[key]

    def succeeded(self, key: str) -> None:
        """Forget the failures of `key`."""
        with self._lock:
            self._failures.pop(key, None)

    def _check(self, recent: deque[float]) -> None:
        if len(recent) >= self._attempts:
            wait = recent[0] + self._per_seconds - self._clock.monotonic()
            raise OperationRefused("too_many_attempts", seconds=max(1, int(wait)))

    def _count(self, key: str, recent: deque[float]) -> None:
        recent.append(self._clock.monotonic())
        self._failures.pop(key, None)
        self._failures[key] = recent
        while len(self._failures) > _KEYS_KEPT:
            del self._failures[next(iter(self._failures))]

    def _recent(self, key: str) -> deque[float]:
        failures = self._failures.get(key)
        if failures is None:
            return deque(maxlen=self._attempts)
        oldest = self._clock.monotonic() - self._per_seconds
        while failures and failures[0] <= oldest:
            failures.popleft()
        if not failures:
            del self._failures[key]
        return failures


class Attempt:
    """A guess under several keys, counted before it is judged: who guesses a hundred times at once has no more tries.

    Raises OperationRefused("too_many_attempts", seconds=…), and then counts under none of them.
    """

    def __init__(self, *keys: tuple[Throttle, str]) -> None:
        self._taken: list[tuple[Throttle, str]] = []
        for throttle, key in keys:
            try:
                throttle.take(key)
            except OperationRefused:
                self.was_right()
                raise
            self._taken.append((throttle, key))

    def was_right(self) -> None:
        """It was no failure: as if it had not been tried."""
        while self._taken:
            throttle, key = self._taken.pop()
            throttle.give_back(key)
