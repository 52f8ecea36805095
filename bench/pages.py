"""How long the server takes for each page of a large club, beside the same page of an empty one, and how that grows.

    lovhub bench pages                              the large club, smaller ones and the empty one
    python -m bench.pages --launches 10000000       one of another size, printed only

docs/pages.md says what the figures mean.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from bench.addresses import FORMS, LISTS, PAGES, Page, forgotten
from bench.filling import EMPTY, FULL, Samples, Scale, fill, with_launches
from bench.sums import SumsTaken, take_sums
from lovhub.clock import ManualClock
from lovhub.server import memory
from lovhub.server.channel.hub import Hub
from lovhub.server.context import ClubContext
from tests.support.club import found_club
from tests.support.databases import new_sqlite
from tests.support.web import Browser, WebAdmin

TURNS = 3
"""So often each club is asked, one after the other: this machine is not as quick all the time."""
RUNS = 3
RUNS_OF_FORMS = 1
"""A turn. Forms show a row or two, and there are as many of them as of all else."""
NEAR = 1.6
"""A page that takes so many times what it takes in the empty club is near the goal, or over it: it is asked again."""
TURNS_NEAR = 15
"""So often then, for all runs together to tell: in a few of them it is this machine's moment that does."""
SMALLER = (10_000, 100_000)
"""Launches of the clubs that show how cost grows up to the large one; all else in proportion."""


@dataclass(frozen=True)
class Taken:
    """Milliseconds of the runs, but for the first of each turn: by the clock, and of this process's own computing."""

    median_ms: float
    worst_ms: float
    computing_ms: float
    walls_ms: tuple[float, ...]
    runs_ms: tuple[float, ...]
    """Of computing, one by one."""

    @classmethod
    def of(cls, walls_ms: Iterable[float], runs_ms: Iterable[float]) -> Self:
        """What these come to."""
        walls, runs = (tuple(round(one, 2) for one in found) for found in (walls_ms, runs_ms))
        median = statistics.median
        return cls(round(median(walls), 2), max(walls), round(median(runs), 2), walls, runs)

    @classmethod
    def together(cls, turns: Sequence["Taken"]) -> Self:
        """All turns."""
        return cls.of(
            (one for turn in turns for one in turn.walls_ms),
            (one for turn in turns for one in turn.runs_ms),
        )


@dataclass
class BenchClub:
    """A filled club and a browser of its owner."""

    club: ClubContext
    browser: Browser
    samples: Samples
    web: WebAdmin

    @classmethod
    def make(cls, folder: Path, scale: Scale) -> "BenchClub":
        """Found and fill one in `folder`; its PCs are linked, as the real hall shows them."""
        folder.mkdir()
        club = found_club(new_sqlite(folder / "lovhub.sqlite3"), ManualClock())
        hub = Hub(club, b"")
        web = WebAdmin(club, hall=hub.hall)
        samples = fill(club, scale, staff_id=web.staff_id("owner"))
        hub.hall.load()
        for computer_id in range(1, scale.computers + 1):
            hub.presence.link(computer_id, object(), "locked")
        return cls(club, web.owner(), samples, web)

    def take(self, page: Page, runs: int) -> Taken:
        """Ask for the page several times."""
        walls, computed = [], []
        path = self.samples.addressed(page.path)
        for _ in range(runs + 1):
            wall, computing = time.perf_counter(), time.process_time()
            answer = self.browser.get(path, htmx=page.is_part)
            computed.append((time.process_time() - computing) * 1000)
            walls.append((time.perf_counter() - wall) * 1000)
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.status}")
        return Taken.of(walls[1:], computed[1:])


@dataclass(frozen=True)
class Row:
    """A page: of the large club, of the empty one, and, if it reads, of those in between."""

    page: Page
    full: Taken
    empty: Taken
    smaller: tuple[Taken, ...] = ()

    @property
    def times(self) -> float:
        """Its computing for the large club beside that for the empty one."""
        return self.full.computing_ms / self.empty.computing_ms


@dataclass(frozen=True)
class Walk:
    """All that was seen."""

    rows: list[Row]
    sums: list[SumsTaken]
    filled_seconds: int
    full: Scale
    smaller: tuple[int, ...]


def walk(runs: int = RUNS, full: Scale = FULL, smaller: Sequence[int] = SMALLER) -> Walk:
    """Fill one club after the other, and ask each for its pages. Raises RuntimeError where books do not balance."""
    if hasattr(os, "sched_setaffinity"):
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(before)})
    try:
        with tempfile.TemporaryDirectory(prefix="lovhub-bench-") as folder:
            return _walk(Path(folder), runs, full, smaller)
    finally:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, before)


def _walk(folder: Path, runs: int, full: Scale, smaller: Sequence[int]) -> Walk:
    began = time.perf_counter()
    large = BenchClub.make(folder / "full", full)
    filled_seconds = round(time.perf_counter() - began)
    if missing := forgotten(large.web.app):
        raise RuntimeError(f"neither measured nor excepted: {missing}")
    empty = BenchClub.make(folder / "empty", EMPTY)
    in_between = [
        BenchClub.make(folder / str(launches), with_launches(launches)) for launches in smaller
    ]
    memory.settle()
    sums_taken = take_sums(large.club, large.samples)
    rows = []
    for page in PAGES:
        of_full, of_empty, *of_smaller = by_turns(
            [large, empty, *(in_between if page in LISTS else ())],
            page,
            min(runs, RUNS_OF_FORMS) if page in FORMS else runs,
        )
        rows.append(Row(page, of_full, of_empty, tuple(of_smaller)))
    rows = [_again(row, large, empty, runs) if row.times >= NEAR else row for row in rows]
    for one in (large, empty, *in_between):
        one.club.database.close()
    return Walk(rows, sums_taken, filled_seconds, full, tuple(smaller))


def _again(row: Row, large: BenchClub, empty: BenchClub, runs: int) -> Row:
    """The page with what it takes now as well."""
    of_full, of_empty = by_turns([large, empty], row.page, runs, TURNS_NEAR)
    return replace(
        row,
        full=Taken.together([row.full, of_full]),
        empty=Taken.together([row.empty, of_empty]),
    )


def by_turns(
    clubs: Sequence[BenchClub], page: Page, runs: int, turns_of_each: int = TURNS
) -> list[Taken]:
    """What the page takes in each of the clubs."""
    turns = [[club.take(page, runs) for club in clubs] for _ in range(turns_of_each)]
    return [Taken.together(of_club) for of_club in zip(*turns, strict=True)]


def main() -> None:
    """How the pages of a club of another size do; nothing is written down."""
    parser = argparse.ArgumentParser(description="Ask for the pages of a club of this size.")
    parser.add_argument("--launches", type=int, required=True, help="10000000 takes about an hour")
    scale = with_launches(parser.parse_args().launches)
    with tempfile.TemporaryDirectory(prefix="lovhub-bench-") as folder:
        club = BenchClub.make(Path(folder) / "club", scale)
        for page in LISTS:
            (taken,) = by_turns([club], page, RUNS)
            print(f"{taken.computing_ms:9.1f} ms  {page.name}", flush=True)
        club.club.database.close()


if __name__ == "__main__":
    main()
