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
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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

RUNS = 7
RUNS_OF_FORMS = 3
"""Forms show a row or two, and there are as many of them as of all else."""
SMALLER = (10_000, 100_000)
"""Launches of the clubs that show how cost grows up to the large one; all else in proportion."""


@dataclass(frozen=True)
class Taken:
    """Milliseconds of the runs after the first: by the clock, and of this process's own computing."""

    median_ms: float
    worst_ms: float
    computing_ms: float
    runs_ms: tuple[float, ...]
    """Of computing, one by one."""


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

    def take_all(self, pages: Sequence[Page], runs: int) -> dict[Page, Taken]:
        """Ask for each of the pages."""
        return {
            page: self.take(page, min(runs, RUNS_OF_FORMS) if page in FORMS else runs)
            for page in pages
        }

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
        return Taken(
            round(statistics.median(walls[1:]), 1),
            round(max(walls[1:]), 1),
            round(statistics.median(computed[1:]), 1),
            tuple(round(one, 1) for one in computed[1:]),
        )


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
    memory.settle()
    sums_taken = take_sums(large.club, large.samples)
    of_full = large.take_all(PAGES, runs)
    large.club.database.close()
    of_smaller = [
        _taken(folder / str(launches), with_launches(launches), LISTS, runs) for launches in smaller
    ]
    of_empty = _taken(folder / "empty", EMPTY, PAGES, runs)
    rows = [
        Row(
            page,
            of_full[page],
            of_empty[page],
            tuple(one[page] for one in of_smaller if page in one),
        )
        for page in PAGES
    ]
    return Walk(rows, sums_taken, filled_seconds, full, tuple(smaller))


def _taken(folder: Path, scale: Scale, pages: Sequence[Page], runs: int) -> dict[Page, Taken]:
    made = BenchClub.make(folder, scale)
    try:
        return made.take_all(pages, runs)
    finally:
        made.club.database.close()


def main() -> None:
    """How the pages of a club of another size do; nothing is written down."""
    parser = argparse.ArgumentParser(description="Ask for the pages of a club of this size.")
    parser.add_argument("--launches", type=int, required=True, help="10000000 takes about an hour")
    scale = with_launches(parser.parse_args().launches)
    with tempfile.TemporaryDirectory(prefix="lovhub-bench-") as folder:
        for page, taken in _taken(Path(folder) / "club", scale, LISTS, RUNS).items():
            print(f"{taken.computing_ms:9.1f} ms  {page.name}", flush=True)


if __name__ == "__main__":
    main()
