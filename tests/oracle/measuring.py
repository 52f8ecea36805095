"""Whether what the club's program takes drifts from day to day: objects, open files, the database.

The oracle lives in the same process and remembers every purchase, so the process's memory says little: the
program's own objects are counted, and those of what it is built on. Memory is told beside them.
"""

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import psutil
from sqlalchemy import func, select

from lovhub.server.ledger.models import LedgerTransfer
from tests.oracle.world import World

OURS = ("lovhub.", "sqlalchemy.", "sqlite3", "psycopg")
MOST_GROWTH = 1.2
FEWEST_DAYS = 3
"""In each third; fewer say nothing."""
FEW_OBJECTS = 2_000
"""So many more are no drift: caches of statements fill."""


@dataclass(frozen=True)
class Measured:
    """At one instant."""

    objects: int
    memory_bytes: int
    files: int
    database_bytes: int
    transfers: int

    def __str__(self) -> str:
        """For whoever watches."""
        return (
            f"{self.objects} objects, {self.memory_bytes / 1e6:.0f} MB with the oracle, {self.files} files, "
            f"database {self.database_bytes / 1e6:.1f} MB of {self.transfers} transfers"
        )


def measure(world: World) -> Measured:
    """Look."""
    gc.collect()
    process = psutil.Process()
    path = Path(str(world.club.database.engine.url.database))
    with world.club.read() as db:
        transfers = db.scalar(select(func.max(LedgerTransfer.id))) or 0
    return Measured(
        objects=sum(str(type(one).__module__).startswith(OURS) for one in gc.get_objects()),
        memory_bytes=process.memory_info().rss,
        files=process.num_fds(),
        database_bytes=sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*")),
        transfers=transfers,
    )


def drift(days: Sequence[Measured]) -> list[str]:
    """What has drifted between the first and the last third of the days, in words."""
    third = len(days) // 3
    if third < FEWEST_DAYS:
        return []
    first, last = days[1 : third + 1], days[-third:]
    found = []
    for name, slack in (("objects", FEW_OBJECTS), ("files", 2)):
        before, after = (mean(getattr(one, name) for one in part) for part in (first, last))
        if after > before * MOST_GROWTH + slack:
            found.append(f"{name}: {before:.0f} at first, {after:.0f} at last")
    before, after = (_per_transfer(part) for part in ([days[0], *first], [days[-third - 1], *last]))
    if after > before * MOST_GROWTH:
        found.append(
            f"bytes of the database per transfer: {before:.0f} at first, {after:.0f} at last"
        )
    return found


def slopes(days: Sequence[Measured]) -> str:
    """How much comes on a day, between the second and the last."""
    if not days:
        return "less than a day"
    first, last, count = days[min(1, len(days) - 1)], days[-1], max(1, len(days) - 2)
    return ", ".join(
        f"{name} {(getattr(last, name) - getattr(first, name)) / count:+.0f}"
        for name in ("objects", "memory_bytes", "files", "database_bytes", "transfers")
    )


def _per_transfer(part: Sequence[Measured]) -> float:
    bytes_more = part[-1].database_bytes - part[0].database_bytes
    return bytes_more / max(1, part[-1].transfers - part[0].transfers)
