"""Slowing down whoever guesses passwords and codes."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from lovhub.clock import Clock
from lovhub.server.errors import OperationRefused

_MOST_KEYS = 10_000


@dataclass
class _Bucket:
    tokens: float
    filled_at: float


class Throttle:
    """A bucket of attempts for each key (a login, an address): failures empty it, time fills it again.

    `attempts` may fail at once, then `per_seconds` / `attempts` must pass for each further one. The number of
    keys is bounded; the least recently used is forgotten first. Safe to call from any thread.
    """

    def __init__(self, clock: Clock, *, attempts: int, per_seconds: float) -> None:
        self._clock = clock
        self._attempts = attempts
        self._per_second = attempts / per_seconds
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, key: str) -> None:
        """Raise OperationRefused("too_many_attempts") with `seconds` to wait while the bucket is empty."""
        with self._lock:
            tokens = self._fill(key)
        if tokens < 1:
            seconds = int((1 - tokens) / self._per_second) + 1
            raise OperationRefused("too_many_attempts", seconds=seconds)

    def failed(self, key: str) -> None:
        """An attempt was wrong."""
        with self._lock:
            tokens = self._fill(key)
            self._buckets[key] = _Bucket(max(0.0, tokens - 1), self._clock.monotonic())
            self._buckets.move_to_end(key)
            while len(self._buckets) > _MOST_KEYS:
                self._buckets.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """An attempt was right: what came before is forgotten."""
        with self._lock:
            self._buckets.pop(key, None)

    def _fill(self, key: str) -> float:
        bucket = self._buckets.get(key)
        if bucket is None:
            return float(self._attempts)
        passed = self._clock.monotonic() - bucket.filled_at
        return min(float(self._attempts), bucket.tokens + passed * self._per_second)
