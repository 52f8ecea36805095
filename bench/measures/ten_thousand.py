"""Ten thousand PCs on one server, a heartbeat of each every ten seconds, beside a bare echo with as many sockets.

Three measures: for how long 99 of 100 heartbeats wait for their answer, what memory a PC takes, and what an hour's
heartbeats cost when they come as fast as they are answered.
"""

import asyncio
import tempfile
import time
from array import array
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import hall, wire
from bench.beside import Beside
from bench.beside import bare as bare_server
from bench.frame import LeftOut, Result, Run, percentile
from bench.measures.heartbeats import Echoed
from bench.processes import LOAD, Program, on_core
from lovhub.protocol import HEARTBEAT_SECONDS

P99_GOAL = "< 3 × a bare echo; all linked in 60 s; CPU < 25 % of a core"
MEMORY_GOAL = "at most 40 KiB more than a bare echo's"
HOUR_GOAL = "an hour's heartbeats for < 25 % of a core of that hour; 99 of 100 answered in < 3 × a bare echo's time"
PCS = 10_000
LINK_SECONDS = 60.0
"""Who is not in by then stays outside."""
RUNS = 5
SECONDS = 12.0
"""A minute in all, at the pace of a real hall: ten thousand PCs that said in a minute what they say in an hour would be
60,000 heartbeats a second, more than one core answers, and whoever waits then waits for all others."""

HOUR_SECONDS = 3600
AT_ONCE = 200
"""Heartbeats under way while an hour is pressed together: each waits for those before it."""

PRESS_SECONDS = 60.0
"""A slow machine answers a part of an hour's heartbeats in that time, and what the hour costs is reckoned from it."""

SPARE_FILES = 500
"""Open files for all else that a program has."""

FEWEST = 1000
LATE_SECONDS = 30.0


class Beats:
    """Beats in an even row, and how long each waited for its answer.

    One row goes on through all turns. If each turn began with the same PC, those whose turn never comes would beat to
    be kept alive, hundreds in one moment (`hall.link`), and all would wait for that.
    """

    def __init__(self, pcs: Sequence[hall.Pc | Echoed], every_seconds: float) -> None:
        self.every_seconds = every_seconds
        self._pcs = pcs
        self._next = 0
        self._sent: dict[int, float] = {}
        self.waited_ms: list[float] = []
        for number, pc in enumerate(pcs):
            pc.acknowledged = partial(self._answered, number)

    async def go_on(self, seconds: float) -> None:
        """For so long; then wait for the answers that are still to come."""
        self.waited_ms = []
        began, step = time.perf_counter(), self.every_seconds / len(self._pcs)
        for turn in range(round(seconds / step)):
            number, self._next = self._next, (self._next + 1) % len(self._pcs)
            wait = began + turn * step - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            self._sent[number] = time.perf_counter()
            self._pcs[number].beat()
        end = time.perf_counter() + LATE_SECONDS
        while self._sent:
            if time.perf_counter() > end or any(pc.is_lost for pc in self._pcs):
                raise RuntimeError(f"{len(self._sent)} heartbeats were not answered")
            await asyncio.sleep(0.01)

    def _answered(self, number: int) -> None:
        began = self._sent.pop(number, None)
        if began is not None:  # else it is the answer to one that only kept it alive
            self.waited_ms.append(1000 * (time.perf_counter() - began))


class PressedBeats:
    """Heartbeats that come as fast as they are answered: all PCs in turn, round after round, so many under way."""

    def __init__(self, pcs: Sequence[hall.Pc | Echoed]) -> None:
        self.waited_seconds = array("d")
        self._pcs = pcs
        self._left = 0
        self._end = 0.0
        self._next = 0
        self._under_way = 0
        self._sent_at = [0.0] * len(pcs)
        self._are_answered = asyncio.Event()
        for number, pc in enumerate(pcs):
            pc.acknowledged = partial(self._answered, number)

    async def go_on(self, rounds: int, seconds: float) -> None:
        """So many rounds, or as many as are answered by then; raises RuntimeError where a heartbeat is not."""
        began = time.perf_counter()
        self._left, self._end = rounds * len(self._pcs), began + seconds
        for _ in range(min(AT_ONCE, len(self._pcs))):
            self._beat(began)
        try:
            await asyncio.wait_for(self._are_answered.wait(), seconds + LATE_SECONDS)
        except TimeoutError:
            lost = sum(pc.is_lost for pc in self._pcs)
            message = (
                f"{self._under_way} heartbeats were not answered, {lost} connections were lost"
            )
            raise RuntimeError(message) from None

    def _beat(self, now: float) -> None:
        number = self._next
        self._next = (number + 1) % len(self._pcs)
        self._left -= 1
        self._under_way += 1
        self._sent_at[number] = now
        self._pcs[number].beat()

    def _answered(self, number: int) -> None:
        now = time.perf_counter()
        self.waited_seconds.append(now - self._sent_at[number])
        self._under_way -= 1
        if self._left and now < self._end:
            self._beat(now)
        elif not self._under_way:
            self._are_answered.set()


@dataclass(frozen=True)
class Hour:
    """What an hour's heartbeats cost one server, reckoned from those that it answered as fast as they came.

    `took_seconds`: for how long they would come at that pace; `p99_ms`: what 99 of 100 waited at most.
    """

    answered: int
    took_seconds: float
    computed_seconds: float
    p99_ms: float


async def press(
    program: Program, pcs: Sequence[hall.Pc | Echoed], rounds: int, seconds: float
) -> Hour:
    """Have each PC beat so often, or as often as all are answered by then."""
    beats = PressedBeats(pcs)
    before, began = program.cpu_seconds(), time.perf_counter()
    await beats.go_on(rounds, seconds)
    took, computed = time.perf_counter() - began, program.computed_since(before)
    answered = len(beats.waited_seconds)
    hours = answered / (len(pcs) * HOUR_SECONDS / HEARTBEAT_SECONDS)
    p99_ms = 1000 * percentile(beats.waited_seconds, 99)
    return Hour(answered, took / hours, computed / hours, p99_ms)


async def beat(program: Program, beats: Beats, seconds: float) -> tuple[float, float]:
    """Milliseconds that 99 of 100 waited at most, and percent of a core that the server took."""
    before = program.cpu_seconds()
    began = time.perf_counter()
    await beats.go_on(seconds)
    computed = program.computed_since(before) / (time.perf_counter() - began)
    return percentile(beats.waited_ms, 99), 100 * computed


@dataclass(frozen=True)
class Seen:
    """What one server did with all of them: `beats` are (99 of 100 in ms, percent of a core), by turns.

    `hello_ms`: what linking one cost the server.
    """

    pcs: int
    linked_seconds: float
    hello_ms: float
    kib: float
    beats: list[tuple[float, float]]
    hour: Hour


async def look(
    program: Program,
    link: Callable[[], Awaitable[Sequence[hall.Pc | Echoed]]],
    *,
    runs: int = RUNS,
    seconds: float = SECONDS,
    every_seconds: float = HEARTBEAT_SECONDS,
    rounds: int = HOUR_SECONDS // HEARTBEAT_SECONDS,
    press_seconds: float = PRESS_SECONDS,
) -> Seen:
    """Link all of them, and let them beat; at last as often as in an hour, as fast as they are answered."""
    memory, before = program.memory_bytes(), program.cpu_seconds()
    began = time.perf_counter()
    pcs = await link()
    linked_seconds = time.perf_counter() - began
    hello_ms = 1000 * program.computed_since(before) / len(pcs)
    kib = (program.memory_bytes() - memory) / 1024 / len(pcs)
    row = Beats(pcs, every_seconds)
    await row.go_on(every_seconds)  # once around: from now on nobody needs to be kept alive
    beats = [await beat(program, row, seconds) for _ in range(runs)]
    hour = await press(program, pcs, rounds, press_seconds)
    return Seen(len(pcs), linked_seconds, hello_ms, kib, beats, hour)


async def link_bare(bare: Beside, pcs: int) -> list[Echoed]:
    """As many sockets to the bare server."""
    return await wire.few_at_a_time([lambda: wire.open_socket(bare.port, bare.tls, Echoed)] * pcs)


def results(ours: Seen, bare: Seen) -> list[Result]:
    """The three measures."""
    waits = [
        Run(
            ours=p99,
            baseline=bare_p99,
            limit=bare_p99,
            details={
                "pcs": ours.pcs,
                "linked_seconds": ours.linked_seconds,
                "hello_ms_of_computing": ours.hello_ms,
                "bare_hello_ms_of_computing": bare.hello_ms,
                "cpu_percent": percent,
                "bare_cpu_percent": bare_percent,
            },
        )
        for (p99, percent), (bare_p99, bare_percent) in zip(ours.beats, bare.beats, strict=True)
    ]
    more = {"pcs": ours.pcs, "more_than_bare": ours.kib - bare.kib}
    held = Run(ours=ours.kib, baseline=bare.kib, limit=bare.kib, details=more)
    hour = Run(
        ours=ours.hour.computed_seconds,
        baseline=bare.hour.computed_seconds,
        limit=bare.hour.computed_seconds,
        details={
            "pcs": ours.pcs,
            "answered": ours.hour.answered,
            "bare_answered": bare.hour.answered,
            "cpu_percent": 100 * ours.hour.computed_seconds / HOUR_SECONDS,
            "bare_cpu_percent": 100 * bare.hour.computed_seconds / HOUR_SECONDS,
            "took_seconds": ours.hour.took_seconds,
            "bare_took_seconds": bare.hour.took_seconds,
            "p99_ms": ours.hour.p99_ms,
            "bare_p99_ms": bare.hour.p99_ms,
        },
    )
    return [
        Result("ten_thousand_p99", "ms to the answer, 99 of 100", P99_GOAL, waits),
        Result("ten_thousand_memory", "KiB of the server's memory a PC", MEMORY_GOAL, [held]),
        Result("ten_thousand_hour", "s of computing for an hour's heartbeats", HOUR_GOAL, [hour]),
    ]


def as_many_as_fit(wanted: int = PCS) -> int:
    """As many PCs as this process, and each server, may have open; raises LeftOut for too few."""
    try:
        import resource  # noqa: PLC0415 (not on Windows)
    except ImportError:
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4 * wanted), hard))
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    fitting = min(wanted, soft - SPARE_FILES)
    if fitting < FEWEST:
        raise LeftOut(f"only {soft} files may be open here (ulimit -n)")
    return fitting


def take() -> list[Result]:
    """Measure, one after the other: one process holds all sockets. The bare server gets as many as came to ours."""
    pcs = as_many_as_fit()
    with on_core(LOAD), tempfile.TemporaryDirectory(prefix="lovhub-bench-") as name:
        founded = hall.found(Path(name) / "club", pcs)
        with hall.served(founded) as club:
            link = partial(hall.link, club, within_seconds=LINK_SECONDS)
            ours = wire.run(look(club.program, link))
        with bare_server(founded.folder) as running:
            bare = wire.run(look(running.program, lambda: link_bare(running, ours.pcs)))
    return results(ours, bare)
