"""The gate before Flask's threads: requests wait here for their turn, which costs nothing, or are turned away.

It lives on the event loop. What it has measured is kept as one value that any thread may read.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Mapping
from contextlib import suppress
from statistics import median

import structlog

from lovhub.server.pressure import rules
from lovhub.server.pressure.rules import RANKS, Rank, Signals
from lovhub.server.strangers import is_one_too_many

log = structlog.get_logger("pressure")

TICK_SECONDS = 0.05
LAGS_SECONDS = 2.0
CALM_SECONDS = 5.0
"""So long without anybody turned away ends a time of overload."""

REMEMBERED_SECONDS = 600.0


class Gate:
    """Lets requests in by rank."""

    def __init__(self) -> None:
        self._slots = {rank: asyncio.Semaphore(rules.AT_ONCE[rank]) for rank in RANKS}
        self._waiting: dict[Rank, dict[object, float]] = {rank: {} for rank in RANKS}
        """Who waits, and since when; the longest first."""
        self._by_address: Counter[tuple[Rank, str]] = Counter()
        self._lags: deque[tuple[float, float]] = deque()
        self._lag = 0.0
        self._turned_away: Counter[Rank] = Counter()
        self._minutes: deque[tuple[int, int]] = deque()
        """Minute of the loop's clock → how many were turned away."""
        self._since: float | None = None
        self._last = 0.0
        self._ticking: asyncio.Task[None] | None = None
        self.signals = Signals()
        """As it was measured last; from any thread."""

    async def start(self) -> None:
        """Begin to measure how late the loop comes."""
        self._ticking = asyncio.create_task(self._tick_for_ever())

    async def stop(self) -> None:
        """No more of it."""
        if self._ticking is not None:
            self._ticking.cancel()
            with suppress(asyncio.CancelledError):
                await self._ticking

    async def enter(self, rank: Rank, address: str = "") -> bool:
        """Wait for the turn; False for whoever is turned away. Whoever was let in must `leave`."""
        slot = self._slots[rank]
        if rank not in rules.TURNED_AWAY and not slot.locked():  # nobody is before
            await slot.acquire()
            return True
        waiting = self._waiting[rank]
        whose = (rank, address)
        if is_one_too_many(
            address,
            from_there=self._by_address[whose],
            in_all=len(waiting),
            most_from_there=rules.MOST_WAITING_PER_ADDRESS[rank],
            most_in_all=rules.MOST_WAITING,
        ) or (rank in rules.TURNED_AWAY and rules.is_turned_away(rank, self._measured())):
            self._note(rank)
            return False
        if not slot.locked():
            await slot.acquire()
            return True
        mark = object()
        self._by_address[whose] += 1
        waiting[mark] = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(rules.PATIENCE_SECONDS[rank]):
                await slot.acquire()
        except TimeoutError:
            self._note(rank)
            return False
        finally:
            del waiting[mark]
            self._by_address[whose] -= 1
            if not self._by_address[whose]:
                del self._by_address[whose]
        return True

    def leave(self, rank: Rank) -> None:
        """The answer is made: the next one may."""
        self._slots[rank].release()

    def waiting(self) -> dict[str, int]:
        """How many wait for their turn, by rank; from any thread."""
        return {rank: len(waiting) for rank, waiting in self._waiting.items()}

    @property
    def turned_away(self) -> Mapping[Rank, int]:
        """How many since the start, by rank; from any thread."""
        return self._turned_away

    @property
    def turned_away_lately(self) -> int:
        """How many within the last ten minutes; from any thread."""
        return sum(count for _minute, count in list(self._minutes))

    @property
    def overloaded_since(self) -> float | None:
        """Since when somebody is turned away, by the loop's clock; None while nobody is. From any thread."""
        return self._since

    def _note(self, rank: Rank) -> None:
        now = asyncio.get_running_loop().time()
        self._turned_away[rank] += 1
        if self._since is None:
            self._since = now
            log.warning("overloaded", turned_away=rank, **self._figures())
        self._last = now
        minute = int(now // 60)
        count = self._minutes.pop()[1] if self._minutes and self._minutes[-1][0] == minute else 0
        self._minutes.append((minute, count + 1))

    def _figures(self) -> dict[str, float]:
        seen = self._measured()
        return {name: round(getattr(seen, name), 3) for name in Signals.__dataclass_fields__}

    def _measured(self) -> Signals:
        now = asyncio.get_running_loop().time()
        longest = {
            f"{rank}_waits": now - next(iter(waiting.values()), now)
            for rank, waiting in self._waiting.items()
        }
        return Signals(lag=self._lag, **longest)

    async def _tick_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            self._ticked(loop.time(), due)

    def _ticked(self, now: float, due: float) -> None:
        self._lags.append((now, max(0.0, now - due)))
        while self._lags[0][0] < now - LAGS_SECONDS:
            self._lags.popleft()
        self._lag = median(lag for _at, lag in self._lags)
        while self._minutes and (self._minutes[0][0] + 1) * 60 < now - REMEMBERED_SECONDS:
            self._minutes.popleft()
        if self._since is not None and now - self._last >= CALM_SECONDS:
            log.warning("overload_is_over", seconds=round(self._last - self._since))
            self._since = None
        self.signals = self._measured()
