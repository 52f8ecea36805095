"""Counting failed attempts, so that nobody guesses passwords and codes by trying them all.

It sits in the service and not in front of one HTTP route: pages, API and the PCs' channel all go through it.
"""

import threading
from collections import deque

from lovhub.clock import Clock
from lovhub.server.errors import OperationRefused

_KEYS_KEPT = 10_000
"""More keys than this are not remembered: the oldest go first, so that memory stays bounded."""


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
            recent = self._recent(key)
            if len(recent) < self._attempts:
                return
            wait = recent[0] + self._per_seconds - self._clock.monotonic()
        raise OperationRefused("too_many_attempts", seconds=max(1, int(wait)))

    def failed(self, key: str) -> None:
        """Count a failure."""
        with self._lock:
            recent = self._recent(key)
            recent.append(self._clock.monotonic())
            self._failures.pop(key, None)
            self._failures[key] = recent
            while len(self._failures) > _KEYS_KEPT:
                del self._failures[next(iter(self._failures))]

    def succeeded(self, key: str) -> None:
        """Forget the failures of `key`."""
        with self._lock:
            self._failures.pop(key, None)

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
