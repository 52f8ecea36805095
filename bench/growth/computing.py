"""What work costs: the computing of this process, and that of PostgreSQL where it does a part of it."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from bench.frame import LeftOut

Work = Callable[[], object]
Computing = Callable[[Work], float]
"""Does it, and gives the seconds that it took to compute."""

_NANOSECOND = 1e-9
_PROC = Path("/proc")


def own(work: Work) -> float:
    """Of this process alone."""
    began = time.process_time()
    work()
    return time.process_time() - began


class WithPostgres:
    """Of this process, of those that it starts and waits for, and of a PostgreSQL whose clients are ours alone.

    What serves nobody in particular (its writers, its checkpoints) is left out. `postmaster_pid`: its first process.
    """

    def __init__(self, postmaster_pid: int) -> None:
        self._postmaster = _PROC / str(postmaster_pid)
        if not (self._postmaster / "schedstat").exists():
            raise LeftOut("the system does not tell how long PostgreSQL computes")
        self._of_nobody = set(self._children())

    def __call__(self, work: Work) -> float:
        postgres, own = self._postgres_seconds(), _own_seconds()
        work()
        own = _own_seconds() - own
        return own + self._postgres_seconds() - postgres

    def _children(self) -> list[str]:
        pid = self._postmaster.name
        return (self._postmaster / "task" / pid / "children").read_text().split()

    def _postgres_seconds(self) -> float:
        """Of those that live to the nanosecond, of those that have ended to the hundredth of a second."""
        living = 0
        for pid in self._children():
            if pid not in self._of_nobody:
                try:
                    living += int((_PROC / pid / "schedstat").read_bytes().split()[0])
                except (FileNotFoundError, ProcessLookupError):
                    continue  # it has ended meanwhile
        told = (self._postmaster / "stat").read_text().rpartition(")")[2].split()
        ended = int(told[13]) + int(told[14])  # cutime and cstime
        return living * _NANOSECOND + ended / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    ended = os.times()
    return time.process_time() + ended.children_user + ended.children_system
